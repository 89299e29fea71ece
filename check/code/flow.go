package code

import "clew/check/source/js"

// flow says how a statement ends: falls, or how far it leaves. Zero leaves the
// function; n leaves the nth of the loops, switches, labels and try blocks that
// are open in it.
type flow int32

const falls flow = -1

// target is something that a jump can leave.
type target struct {
	kind   targetKind
	label  string
	broken bool // a break leads here
}

type targetKind uint8

const (
	loopTarget targetKind = iota
	switchTarget
	labelTarget
	tryTarget // with a handler: where a throw leads
)

func (l *lowerer) openTarget(kind targetKind, label string) flow {
	l.targets = append(l.targets, target{kind: kind, label: label})
	return flow(len(l.targets) - l.targetBase)
}

// closeTarget says whether a break led there.
func (l *lowerer) closeTarget() bool {
	last := len(l.targets) - 1
	broken := l.targets[last].broken
	l.targets = l.targets[:last]
	return broken
}

func (l *lowerer) branch(n *js.Branch) flow {
	for i := len(l.targets) - 1; i >= l.targetBase; i-- {
		t := &l.targets[i]
		level := flow(i - l.targetBase + 1)
		switch {
		case n.Label != nil:
			if t.kind != labelTarget || t.label != n.Label.Name {
				continue
			}
			if n.Continue && i+1 < len(l.targets) {
				return level + 1 // of the loop that has the label
			}
			t.broken = true
			return level
		case t.kind == loopTarget:
			t.broken = t.broken || !n.Continue
			return level
		case t.kind == switchTarget && !n.Continue:
			t.broken = true
			return level
		}
	}
	return falls
}

// thrown is how far a throw leads.
func (l *lowerer) thrown() flow {
	for i := len(l.targets) - 1; i >= l.targetBase; i-- {
		if l.targets[i].kind == tryTarget {
			return flow(i - l.targetBase + 1)
		}
	}
	return 0
}

// pending is a guard that holds here. It becomes a [Guard] when an operation
// needs it: most never do.
type pending struct {
	cond *Value
	made *Guard
	kind GuardKind
	not  bool
	// level is how far the branch went that left; the guard outlives its block
	// and everything inside that level. Only of guards that carried returns.
	level flow
}

func (l *lowerer) push(kind GuardKind, cond *Value, not bool) int {
	l.pending = append(l.pending, pending{cond: cond, kind: kind, not: not, level: falls})
	return len(l.pending) - 1
}

// early pushes a guard that holds until what level means is left.
func (l *lowerer) early(cond *Value, not bool, level flow) {
	l.pending = append(l.pending, pending{cond: cond, kind: Early, not: not, level: level})
}

func (l *lowerer) guard() *Guard {
	i := len(l.pending) - 1
	for i >= l.guardBase && l.pending[i].made == nil {
		i--
	}
	var g *Guard
	if i >= l.guardBase {
		g = l.pending[i].made
	}
	for i++; i < len(l.pending); i++ {
		p := &l.pending[i]
		made := l.guards.next()
		*made = Guard{Kind: p.kind, Cond: p.cond, Not: p.not, Parent: g}
		p.made, g = made, made
	}
	return g
}

// carried takes off the guard at base and returns those above it, which early
// branches left behind.
func (l *lowerer) carried(base int) []pending {
	var early []pending
	if rest := l.pending[base+1:]; len(rest) > 0 {
		early = append(early, rest...)
		for i := range early {
			early[i].made = nil
		}
	}
	l.pending = l.pending[:base]
	return early
}

// carry puts back the guards that reach farther than the level that was left.
func (l *lowerer) carry(early []pending, left flow) {
	for i := range early {
		if early[i].level < left {
			l.pending = append(l.pending, early[i])
		}
	}
}

// maxCarried bounds how many early branches inside a branch are remembered behind
// it. Each costs a value at each level of nesting.
const maxCarried = 8

// carryIf puts back the guards of a branch for what follows it: the function was
// left only if the branch was taken.
func (l *lowerer) carryIf(early []pending, cond *Value, not bool, left flow) {
	count := 0
	for i := range early {
		e := &early[i]
		if e.level >= left && left != falls || e.cond == nil || e.kind != Early || count == maxCarried || l.m.Values >= maxValues {
			continue
		}
		count++
		taken, leaving := cond, e.cond
		if not {
			taken = l.negated(taken)
		}
		if !e.not {
			leaving = l.negated(leaving)
		}
		l.early(l.joined(Logical, js.OpAnd, taken, leaving), true, e.level)
	}
}

func (l *lowerer) negated(v *Value) *Value {
	n := l.made(Unary, js.Range{}, v)
	n.Op, n.From, n.To = js.OpNot, v.From, v.To
	return n
}
