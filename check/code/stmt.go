package code

import "clew/check/source/js"

// block reads statements that have a scope of their own.
func (l *lowerer) block(list []js.Node) flow {
	mark := l.open()
	l.hoistBlock(list)
	f := l.stmts(list)
	l.close(mark)
	return f
}

// stmts reads statements one after another. What no path reaches is read for its
// functions and variables and records no operation.
func (l *lowerer) stmts(list []js.Node) flow {
	result, dead, reached := falls, l.dead, 0
	for _, n := range list {
		if f := l.stmt(n); f != falls && result == falls {
			result, reached, l.dead = f, len(l.pending), true
		}
	}
	if result != falls {
		l.pending, l.dead = l.pending[:reached], dead
	}
	return result
}

func (l *lowerer) stmt(n js.Node) flow {
	switch n := n.(type) {
	case *js.ExprStmt:
		if _, ok := n.Expr.(*js.Literal); !ok {
			l.expr(n.Expr)
		}
	case *js.Var:
		l.varStmt(n)
	case *js.Function:
		l.functionStmt(n)
	case *js.Class:
		l.classStmt(n)
	case *js.Return:
		var v *Value
		if n.Value != nil {
			v = l.expr(n.Value)
		}
		l.emit(OpReturn, v)
		return 0
	case *js.If:
		return l.ifStmt(n)
	case *js.Block:
		return l.block(n.Body)
	case *js.For:
		return l.forStmt(n)
	case *js.ForIn:
		l.forIn(n)
	case *js.While:
		cond := l.expr(n.Test)
		return l.loop(cond, isTrue(cond), n.Body, nil)
	case *js.DoWhile:
		return l.loop(nil, false, n.Body, n.Test)
	case *js.Switch:
		return l.switchStmt(n)
	case *js.Try:
		return l.tryStmt(n)
	case *js.Throw:
		l.emit(OpThrow, l.expr(n.Value))
		return l.thrown()
	case *js.Branch:
		return l.branch(n)
	case *js.Labeled:
		return l.labeled(n)
	case *js.With:
		l.expr(n.Object)
		return l.stmt(n.Body)
	case *js.Import:
		l.importStmt(n)
	case *js.Export:
		l.exportStmt(n)
	case *js.Enum:
		l.enum(n)
	case *js.Namespace:
		l.namespace(n)
	}
	return falls
}

// branchStmt reads one branch of an if under its guard, and takes the guard off.
func (l *lowerer) branchStmt(n js.Node, cond *Value, not bool) (flow, []pending) {
	base := l.push(If, cond, not)
	mark := l.open()
	l.hoistDeclaration(n) // if (a) function f() {}
	f := l.stmt(n)
	l.close(mark)
	return f, l.carried(base)
}

func (l *lowerer) ifStmt(n *js.If) flow {
	cond := l.expr(n.Test)
	then, fromThen := l.branchStmt(n.Then, cond, false)
	other, fromOther := falls, []pending(nil)
	if n.Else != nil {
		other, fromOther = l.branchStmt(n.Else, cond, true)
	}
	switch {
	case then != falls && other != falls:
		// The one that goes less far decides how long nothing runs; behind that
		// the other has left.
		if then != other {
			l.early(cond, then < other, min(then, other))
		}
		return max(then, other)
	case then != falls:
		l.early(cond, true, then)
		l.carryIf(fromThen, cond, false, then)
		l.carry(fromOther, 1<<30)
	case other != falls:
		l.early(cond, false, other)
		l.carryIf(fromOther, cond, true, other)
		l.carry(fromThen, 1<<30)
	default:
		l.carryIf(fromThen, cond, false, falls)
		l.carryIf(fromOther, cond, true, falls)
	}
	return falls
}

// loop reads a body under a guard, and what runs behind each round. An endless
// loop is left only as its body leaves it.
func (l *lowerer) loop(cond *Value, endless bool, body, after js.Node) flow {
	level := l.openTarget(loopTarget, "")
	base := l.push(Loop, cond, false)
	f := l.block([]js.Node{body})
	early := l.carried(base)
	if after != nil {
		base := l.push(Loop, cond, false)
		l.expr(after)
		l.carried(base)
	}
	broken := l.closeTarget()
	l.carry(early, level)
	if endless && !broken && f != falls && f < level {
		return f
	}
	return falls
}

func isTrue(v *Value) bool {
	return v != nil && (v.Kind == Bool && v.Str == "true" || v.Kind == Number && v.Str == "1")
}

func (l *lowerer) forStmt(n *js.For) flow {
	mark := l.open()
	switch init := n.Init.(type) {
	case nil:
	case *js.Var:
		l.hoistDeclaration(init)
		l.varStmt(init)
	default:
		l.expr(init)
	}
	var cond *Value
	if n.Test != nil {
		cond = l.expr(n.Test)
	}
	f := l.loop(cond, n.Test == nil || isTrue(cond), n.Body, n.Update)
	l.close(mark)
	return f
}

func (l *lowerer) forIn(n *js.ForIn) {
	list := l.expr(n.Right)
	mark := l.open()
	level := l.openTarget(loopTarget, "")
	base := l.push(Loop, nil, false)
	value := l.unknown
	if n.Of && list.Kind != Unknown {
		value = l.made(Index, rangeOf(n.Right), list, l.unknown)
		if n.Await {
			value = l.made(Await, rangeOf(n.Right), value)
			l.emit(OpAwait, value)
		}
	}
	if decl, ok := n.Left.(*js.Var); ok {
		l.hoistDeclaration(decl)
		if len(decl.Decls) > 0 {
			l.assignTo(decl.Decls[0].Target, value)
		}
	} else {
		l.assignTo(n.Left, value)
	}
	l.block([]js.Node{n.Body})
	early := l.carried(base)
	l.closeTarget()
	l.carry(early, level)
	l.close(mark)
}

func (l *lowerer) labeled(n *js.Labeled) flow {
	level := l.openTarget(labelTarget, n.Label.Name)
	before := len(l.pending)
	f := l.stmt(n.Body)
	broken := l.closeTarget()
	l.keepEarly(before, level)
	if broken && f != falls || f >= level {
		return falls
	}
	return f
}

// keepEarly drops the guards above before that end with level.
func (l *lowerer) keepEarly(before int, level flow) {
	rest := l.pending[before:]
	l.pending = l.pending[:before]
	l.carry(rest, level)
}

// switchStmt guards each case by its test, and one that is also reached from
// above by either.
func (l *lowerer) switchStmt(n *js.Switch) flow {
	value := l.expr(n.Value)
	mark := l.open()
	for i := range n.Cases {
		l.hoistBlock(n.Cases[i].Body)
	}
	level := l.openTarget(switchTarget, "")
	var (
		early  []pending
		reach  *Value // what leads into the next case; nil is unknown
		fell   bool   // the case above did not leave
		hasAny bool
		last   = falls
		lowest = level // how far every case leaves at least
	)
	for i := range n.Cases {
		c := &n.Cases[i]
		var test *Value
		if c.Test != nil {
			test = l.joined(Binary, js.OpStrictEq, value, l.expr(c.Test))
		} else {
			hasAny = true
		}
		if fell && (reach == nil || test == nil) {
			reach = nil
		} else if fell {
			reach = l.joined(Logical, js.OpOr, reach, test)
		} else {
			reach = test
		}
		base := l.push(Case, reach, false)
		last = l.stmts(c.Body)
		fell = last == falls
		inner := l.carried(base)
		if last != falls && last < level {
			if lowest == level || last > lowest {
				lowest = last
			}
			if reach != nil {
				early = append(early, pending{cond: reach, kind: Early, not: true, level: last})
			}
		}
		for _, e := range inner {
			if e.level < level && (last == falls || e.level < last) && len(early) < len(n.Cases)+maxCarried {
				if reach != nil && e.kind == Early && e.cond != nil {
					leaving := e.cond
					if !e.not {
						leaving = l.negated(leaving)
					}
					e.cond, e.not = l.joined(Logical, js.OpAnd, reach, leaving), true
				}
				early = append(early, e)
			}
		}
	}
	broken := l.closeTarget()
	l.close(mark)
	if hasAny && !broken && last != falls && last < level {
		return lowest
	}
	l.carry(early, level)
	return falls
}

func (l *lowerer) tryStmt(n *js.Try) flow {
	before := len(l.pending)
	level := flow(1 << 30)
	if n.Handler != nil {
		level = l.openTarget(tryTarget, "")
	}
	tried := l.block(n.Block.Body)
	if n.Handler == nil {
		early := append([]pending(nil), l.pending[before:]...)
		l.pending = l.pending[:before]
		f := l.finally(n)
		l.carryAgain(early, 1<<30)
		if f != falls {
			return f
		}
		return tried
	}
	l.closeTarget()
	base := before
	early := append([]pending(nil), l.pending[before:]...)
	l.pending = l.pending[:before]
	l.push(Catch, nil, false)
	mark := l.open()
	if n.Param != nil {
		l.declareAll(n.Param)
		l.assignTo(n.Param, l.unknown)
	}
	caught := l.block(n.Handler.Body)
	l.close(mark)
	fromCatch := l.carried(base)
	if f := l.finally(n); f != falls {
		return f
	}
	switch {
	case tried == level: // always throws here
		l.carryAgain(early, level)
		l.carry(fromCatch, 1<<30)
		return caught
	case tried != falls && caught != falls:
		return max(tried, caught)
	case tried != falls:
		l.pending = append(l.pending, pending{kind: Catch, level: tried})
	}
	l.carryAgain(early, level)
	l.carry(fromCatch, 1<<30)
	return falls
}

func (l *lowerer) carryAgain(early []pending, left flow) {
	for i := range early {
		early[i].made = nil
	}
	l.carry(early, left)
}

func (l *lowerer) finally(n *js.Try) flow {
	if n.Final == nil {
		return falls
	}
	return l.block(n.Final.Body)
}
