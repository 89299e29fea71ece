package program

import "clew/check/code"

// givenAway is a call of a function of the project that was given functions to call.
type givenAway struct {
	visit  visit
	args   []*Term
	result *Term
	step   Step
}

// uncalled queues the functions that a function of the project was given and that
// nothing was seen to call: who wraps a call may hide how. It reports whether there are
// any.
func (x *explorer) uncalled() bool {
	before := len(x.queue)
	for len(x.handed) > 0 && len(x.queue) == before {
		h := x.handed[0]
		x.handed = x.handed[1:]
		x.callbacks(&h.visit, h.args, h.result, false, false, func(kind StepKind, name string) Step {
			s := h.step
			s.Kind, s.Name = kind, name
			return s
		}, func(fn *Term) bool { return x.same[fn.Fn] == 0 })
	}
	return len(x.queue) > before
}

// hands reports whether functions are among arguments, or members of an object there.
func hands(args []*Term) bool {
	for _, a := range args {
		switch {
		case a.Kind == Closure:
			return true
		case a.Kind == Literal && a.V.Kind == code.Object:
			for _, m := range a.V.Args {
				if m.Kind == code.Prop && len(m.Args) == 1 && m.Args[0].Kind == code.Function {
					return true
				}
			}
		}
	}
	return false
}
