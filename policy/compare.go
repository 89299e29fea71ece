package policy

import "slices"

// Change is how one outcome differs from another, for whom it hits.
type Change string

// The changes. Mixed is heavier in one thing and lighter in another.
const (
	Same   Change = "same"
	Graver Change = "heavier"
	Lesser Change = "lighter"
	Mixed  Change = "mixed"
)

// Changes lists them, those to look at first.
func Changes() []Change { return []Change{Graver, Mixed, Lesser, Same} }

// Compare says what next is beside old: points, measures, what follows when it is
// not put right, and the days for that. Which row says so does not matter.
func Compare(old, next Outcome) Change {
	up, down := more(next, old), more(old, next)
	switch {
	case up && down:
		return Mixed
	case up:
		return Graver
	case down:
		return Lesser
	}
	return Same
}

// more reports whether anything in a is heavier than in b.
func more(a, b Outcome) bool {
	if a.Points > b.Points || a.TwoPeople && !b.TwoPeople {
		return true
	}
	if _, heavier := Heavier(a.Measures, b.Measures); heavier {
		return true
	}
	// What b orders at once it need not order again later.
	if _, heavier := Heavier(a.IfNotFixed, slices.Concat(b.IfNotFixed, b.Measures)); heavier {
		return true
	}
	// Something to put right is more than nothing, and in fewer days more than in many.
	return a.RectifyDays > 0 && (b.RectifyDays == 0 || a.RectifyDays < b.RectifyDays)
}

// Class is every combination of facts that one row decided and another decides now.
type Class struct {
	Severity Severity
	Old, New string // rows
	Count    map[Change]int
	// Example is the first combination of the gravest change there is in the class.
	Example  Facts
	Was, Is  Outcome // of the example
	exampled Change
}

// Change is the gravest change in the class.
func (c *Class) Change() Change { return c.exampled }

// Diff walks every combination of facts under two editions and gathers what differs
// by severity and rows, in the order of the walk.
func Diff(before, next *Edition) (list []*Class, err error) {
	type key struct {
		severity Severity
		old, now string
	}
	seen := map[key]*Class{}
	rank := map[Change]int{Same: 1, Lesser: 2, Mixed: 3, Graver: 4}
	for f := range Combinations() {
		old, err := before.Decide(f)
		if err != nil {
			return nil, err
		}
		now, err := next.Decide(f)
		if err != nil {
			return nil, err
		}
		k := key{f.Severity, old.Row, now.Row}
		c := seen[k]
		if c == nil {
			c = &Class{Severity: f.Severity, Old: old.Row, New: now.Row, Count: map[Change]int{}}
			seen[k] = c
			list = append(list, c)
		}
		change := Compare(old, now)
		c.Count[change]++
		if rank[change] > rank[c.exampled] {
			c.exampled, c.Example, c.Was, c.Is = change, f, old, now
		}
	}
	return list, nil
}
