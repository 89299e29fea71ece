package program

import (
	"clew/check/code"
	"clew/check/source"
	"clew/check/view"
)

// Effect is something that a run does, with the way there.
type Effect struct {
	Kind EffectKind
	Name string // of the call, as a reader sees it; of an event for Emit; the state's path for Set
	// Callee and Args are those of the call; of a Set there are none.
	Callee *Term
	Args   []*Term
	// State and Value of a Set. State is nil where the target is not a state that is known.
	State *Term
	Value *Term
	// Text is the written part of an address for Request, of a route for Navigate, of
	// the words for Dialog and Toast, of the key for Store, Load and Forget.
	Text string
	// Node is the component that Open opens.
	Node *Node
	// Result is what the call gives back.
	Result *Term

	File     *source.File
	From, To int
	Steps    *Step  // how it was reached, the last first; nil at the entry itself
	When     *Given // under which conditions, the innermost first; nil for none
	After    After
	Delay    float64 // in milliseconds, by timers on the way
	// Sure: every step is a call of a function that is known to be called there.
	Sure bool
	// Quiet: set without the page being told (this.data.x = …).
	Quiet bool
	frame *Frame
}

// Called is what the function that does it was called with, itself or the one that
// made the promise it stands in; nil in a handler and in what is called back.
func (e *Effect) Called() []*Term {
	s, f := e.Steps, e.frame
	if s != nil && s.Kind == Callback && s.Name == "" && s.Up != nil && f != nil {
		s, f = s.Up, f.Parent
	}
	if s == nil || s.Kind != Calls || f == nil {
		return nil
	}
	return f.Args
}

// After says what must have happened between the entry and an effect.
type After uint8

// What an effect comes after.
const (
	Nothing After = iota // it comes by itself
	Failing              // a call failed, or something was thrown
	Acting               // the person did something
)

// StepKind says how a run got from one function to the next.
type StepKind uint8

// The steps.
const (
	Enter    StepKind = iota // the entry itself
	Calls                    // a call
	Callback                 // what a call was given to call
	Then                     // of a promise
	Timer                    // setTimeout
	Event                    // a component told its host
	Watch                    // a state that is watched was set
	Commit                   // the store
	Shown                    // a component that the page shows begins to live
)

// Step is one station of a run.
type Step struct {
	Kind     StepKind
	Name     string // of the function that runs from here on
	File     *source.File
	From, To int // the call, or where the function is named
	Up       *Step
}

// Path is the steps from the entry on.
func (e *Effect) Path() []*Step {
	var list []*Step
	for s := e.Steps; s != nil; s = s.Up {
		list = append(list, s)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

// Given is a condition on the way.
type Given struct {
	Term     *Term
	Not      bool
	Kind     code.GuardKind
	File     *source.File
	From, To int
	Up       *Given
	waits    bool // Term is there only after the person acted
}

// Under reports whether a condition on the way satisfies f.
func (e *Effect) Under(f func(*Given) bool) bool {
	for g := e.When; g != nil; g = g.Up {
		if f(g) {
			return true
		}
	}
	return false
}

// Entry is a place where a run begins.
type Entry struct {
	Name string // onLoad, tap
	Fn   *Term  // Closure; its Env is the frame of nobody's call unless Frame is set
	// Frame is the frame to run in, of a setup or component function.
	Frame *Frame
	Unit  *Unit
	Node  *Node // of a handler: the element; of a component's life: its tag
	Event *view.Event
	Args  []*Term
	// Once: it runs when the page opens and not again when it is shown again.
	Once bool
}

// Trace is what a run may do, in the order found: nearer things first.
type Trace struct {
	Entry   Entry
	Effects []Effect
	// Cut: there was more than was followed.
	Cut bool
	// Unknown counts calls of functions that were not found.
	Unknown int
	// Visited is the functions gone through, each once.
	Visited []Visited
}

// Visited is a function that a run went through, and its file.
type Visited struct {
	Fn   *code.Func
	File *source.File
}

// Each calls f for the effects of a kind.
func (t *Trace) Each(kind EffectKind, f func(*Effect)) {
	for i := range t.Effects {
		if t.Effects[i].Kind == kind {
			f(&t.Effects[i])
		}
	}
}
