package ask

import (
	"slices"

	"clew/check/program"
)

// EvidenceKind says by what an evidence was seen.
type EvidenceKind uint8

// The kinds of evidence, the surest first.
const (
	Sent    EvidenceKind = iota // the number, or what opens it, is sent to a place of that name
	Kept                        // what came back is kept as a session, an account or its number
	Paid                        // a payment opens
	Told                        // the person is told that it succeeded
	Called                      // a function of that name is called on the way
	Formed                      // the form asks for a code or a password, and says so on what sends it
	Handled                     // the handler is called so
	Placed                      // the page or component is called so
	Worded                      // it is written on the button or beside it
)

// Evidence is one reason to believe that a number serves a purpose.
type Evidence struct {
	Purpose Purpose
	Kind    EvidenceKind
	Weight  int
	Word    string          // what was read
	Effect  *program.Effect // that shows it; nil for names of places and for texts
}

// weights. What reaches proven decides by itself; the rest must add up.
const (
	proven = 10
	likely = 7
)

// Use is what becomes of a number, as far as the code shows.
type Use struct {
	Purpose Purpose
	// Mixed: it is a lead and one of the misuses at once.
	Mixed bool
	// Sure: the code shows it by itself; otherwise it was added up from names and words.
	Sure bool
	// Lost: the number is handed to something that is not in the project.
	Lost     bool
	Evidence []Evidence // for Purpose first, the weightiest first
}

// Use follows what becomes of the number that is asked for.
func (a *Ask) Use() Use {
	f := &flow{ask: a, p: a.Page.Program(), held: map[held]bool{}}
	f.follow()
	return f.decide()
}

// flow follows one number.
type flow struct {
	ask  *Ask
	p    *program.Program
	held map[held]bool // states that hold the number
	// entry is the trace followed now; number tells whether its parameter is the number.
	entry  *program.Trace
	number bool
	fills  bool // the grant only fills a field
	sent   int  // how many calls carried it
	unseen int  // of these, into the unknown
	list   []Evidence
}

func (f *flow) add(p Purpose, k EvidenceKind, weight int, word string, e *program.Effect) {
	if p == UnknownPurpose || weight <= 0 {
		return
	}
	for i := range f.list {
		if o := &f.list[i]; o.Purpose == p && o.Kind == k && o.Word == word {
			if weight > o.Weight {
				o.Weight, o.Effect = weight, e
			}
			return
		}
	}
	f.list = append(f.list, Evidence{p, k, weight, word, e})
}

func (f *flow) follow() {
	a := f.ask
	if a.Grant != nil {
		t := a.Page.Trace(*a.Grant)
		f.mark(t, true)
		f.fills = f.fillsField()
		f.read(t, true)
	}
	f.seed()
	carrying := slices.ContainsFunc(a.Submits, f.sends)
	for i := range a.Submits {
		s := &a.Submits[i]
		if a.Grant != nil && s.Node == a.Button {
			continue
		}
		if !f.sends(*s) && (carrying || a.Field == nil && !f.fills) {
			continue // another thing to tap on the same page
		}
		formed := s.formed()
		f.mark(s.Trace, formed)
		f.read(s.Trace, formed)
		if p, w := heard(s.Words); f.sent > 0 || a.Grant == nil {
			f.add(p, Worded, 2, w, nil)
		}
	}
	if !f.decided() && (a.Grant != nil || len(a.Submits) == 0) {
		f.later()
	}
	f.words()
}

func (f *flow) has(p Purpose, k EvidenceKind) bool {
	return slices.ContainsFunc(f.list, func(e Evidence) bool { return e.Purpose == p && e.Kind == k })
}

// says reports whether what is tapped to send speaks of a purpose.
func (f *flow) says(p Purpose) bool {
	return slices.ContainsFunc(f.list, func(e Evidence) bool { return e.Purpose == p && e.Kind == Worded && e.Weight == 2 })
}

// pays reports whether an order is paid for, as far as is seen: many a booking that
// costs nothing is called an order.
func (f *flow) pays() bool {
	for _, e := range f.list {
		if e.Purpose == Order && (e.Kind == Paid || e.Kind == Sent && e.Weight >= 6) {
			return true
		}
	}
	return false
}

// repeats reports whether a weightier evidence reads the same call for the same
// purpose: one call counts once.
func (f *flow) repeats(i int) bool {
	e := &f.list[i]
	if e.Effect == nil {
		return false
	}
	for j := range f.list {
		o := &f.list[j]
		if j != i && o.Effect == e.Effect && (o.Purpose == e.Purpose || o.Purpose.Misuse() && e.Purpose.Misuse()) && (o.Weight > e.Weight || o.Weight == e.Weight && j < i) {
			return true
		}
	}
	return false
}

// decide adds up.
func (f *flow) decide() Use {
	var sum, top, code [Other + 1]int
	lead := 0 // what the code says of a lead, names and texts aside
	for i, e := range f.list {
		top[e.Purpose] = max(top[e.Purpose], e.Weight)
		if f.repeats(i) {
			continue
		}
		sum[e.Purpose] += e.Weight
		if e.Kind <= Handled {
			code[e.Purpose] += e.Weight
		}
		if e.Kind <= Told && e.Purpose == Lead {
			lead += e.Weight
		}
	}
	if sum[Order] >= proven && f.has(Order, Paid) && f.has(Order, Sent) {
		top[Order] = max(top[Order], proven)
	}
	best := UnknownPurpose
	for p := Login; p <= Benefit; p++ {
		if sum[p] > 0 && (best == UnknownPurpose || top[p] > top[best] || top[p] == top[best] && sum[p] > sum[best]) {
			best = p
		}
	}
	misuse := 0 // all misuses speak together against a lead
	misused := 0
	for p := Login; p <= Benefit; p++ {
		misuse += sum[p]
		misused += code[p]
	}
	u := Use{Lost: f.unseen > 0 && f.unseen == f.sent}
	switch {
	case top[Other] >= proven && f.ask.Field != nil && f.ask.Button == nil && f.othersNumber():
		u.Purpose, u.Sure = Other, true
	case best != UnknownPurpose && top[best] >= proven && top[Lead] >= proven:
		u.Purpose, u.Mixed = best, true
	case top[Lead] >= proven:
		u.Purpose, u.Sure = Lead, true
	case best != UnknownPurpose && top[best] >= proven:
		u.Purpose, u.Sure = best, best != Order || f.pays()
		u.Mixed = lead >= 4 || best == Order && f.says(Lead) && !f.says(Order) // a consultation that is paid for
	case top[Other] >= proven:
		u.Purpose, u.Sure = Other, true
	case best != UnknownPurpose && misuse >= likely && misused >= 3 && sum[Lead] <= 2 && (f.sent > 0 || misused >= likely):
		u.Purpose, u.Sure = best, (f.ask.Grant != nil && !f.fills || misuse >= proven) && (best != Order || f.pays())
	case sum[Lead] > misuse && sum[Lead] >= sum[Other]:
		u.Purpose = Lead
	case best != UnknownPurpose && misuse > sum[Other]:
		u.Purpose = best
	case sum[Other] > 0:
		u.Purpose = Other
	}
	slices.SortStableFunc(f.list, func(x, y Evidence) int {
		if a, b := x.Purpose == u.Purpose, y.Purpose == u.Purpose; a != b {
			if a {
				return -1
			}
			return 1
		}
		if x.Weight != y.Weight {
			return y.Weight - x.Weight
		}
		return int(x.Kind) - int(y.Kind)
	})
	u.Evidence = f.list
	return u
}
