package code

import "clew/check/source/js"

// symbol is a name and the variable that it means at the place that is being
// read. Scopes are entered and left as the tree is walked, so one table serves
// the whole file.
type symbol struct {
	v     *Var
	scope int32
}

// shadowed is what a name meant outside the current scope.
type shadowed struct {
	at  *symbol
	old symbol
}

// scopeMark is a place to return to when a scope ends.
type scopeMark struct {
	shadows int
	scope   int32
}

func (l *lowerer) open() scopeMark {
	m := scopeMark{len(l.shadows), l.scope}
	l.scopes++
	l.scope = l.scopes
	return m
}

func (l *lowerer) close(m scopeMark) {
	for i := len(l.shadows) - 1; i >= m.shadows; i-- {
		*l.shadows[i].at = l.shadows[i].old
	}
	l.shadows, l.scope = l.shadows[:m.shadows], m.scope
}

// declare makes a variable of the current scope, or finds the one that it has
// under that name.
func (l *lowerer) declare(id *js.Identifier) *Var {
	sym := l.names[id.Name]
	if sym == nil {
		if l.names == nil {
			l.names = make(map[string]*symbol)
		}
		sym = l.symbols.next()
		l.names[id.Name] = sym
	} else if sym.v != nil && sym.scope == l.scope {
		return sym.v
	}
	l.shadows = append(l.shadows, shadowed{sym, *sym})
	sym.v, sym.scope = l.variable(id.Name, id.Range), l.scope
	return sym.v
}

func (l *lowerer) variable(name string, at js.Range) *Var {
	v := l.vars.next()
	v.Name, v.From, v.Func, v.Param = name, at.From+l.base, l.fn, -1
	l.declared = append(l.declared, v)
	return v
}

// lookup is the variable that a name means here; nil for a global.
func (l *lowerer) lookup(name string) *Var {
	if sym := l.names[name]; sym != nil {
		return sym.v
	}
	return nil
}

// declareAll declares every name of a pattern.
func (l *lowerer) declareAll(pattern js.Node) {
	switch n := pattern.(type) {
	case *js.Identifier:
		l.declare(n)
	case *js.Assign:
		l.declareAll(n.Target)
	case *js.Spread:
		l.declareAll(n.Value)
	case *js.Array:
		for _, e := range n.Elements {
			l.declareAll(e)
		}
	case *js.Object:
		for _, e := range n.Props {
			if prop, ok := e.(*js.Property); ok {
				e = prop.Value
			}
			l.declareAll(e)
		}
	}
}

// hoistBlock declares what a list of statements declares for itself (ECMA-262
// 8.2.4). Functions of a block stay in it; annex B.3.3 is not followed. What
// TypeScript declares as standing elsewhere stays global.
func (l *lowerer) hoistBlock(list []js.Node) {
	for _, n := range list {
		l.hoistDeclaration(n)
	}
}

func (l *lowerer) hoistDeclaration(n js.Node) {
	switch n := n.(type) {
	case *js.Var:
		if n.Kind != "var" {
			l.declareVar(n)
		}
	case *js.Function:
		if n.Declaration && n.Name != nil && n.Body != nil {
			l.declare(n.Name)
		}
	case *js.Class:
		if n.Declaration && n.Name != nil && !n.Declare {
			l.declare(n.Name)
		}
	case *js.Enum:
		if n.Name != nil && !n.Declare {
			l.declare(n.Name)
		}
	case *js.Namespace:
		if id := l.namespaceName(n); id != nil {
			l.declare(id)
		}
	case *js.Export:
		if n.Decl != nil && !n.Assign {
			l.hoistDeclaration(n.Decl)
		}
	case *js.Labeled:
		l.hoistDeclaration(n.Body)
	case *js.Import:
		l.hoistImport(n)
	}
}

func (l *lowerer) declareVar(n *js.Var) {
	if n.Declare {
		return
	}
	for i := range n.Decls {
		l.declareAll(n.Decls[i].Target)
	}
}

// hoistVars declares the var of a function's body, however deep in its
// statements (ECMA-262 8.2.6).
func (l *lowerer) hoistVars(list []js.Node) {
	for _, n := range list {
		l.hoistVar(n)
	}
}

func (l *lowerer) hoistVar(n js.Node) {
	switch n := n.(type) {
	case *js.Var:
		if n.Kind == "var" {
			l.declareVar(n)
		}
	case *js.Block:
		l.hoistVars(n.Body)
	case *js.If:
		l.hoistVar(n.Then)
		l.hoistVar(n.Else)
	case *js.For:
		l.hoistVar(n.Init)
		l.hoistVar(n.Body)
	case *js.ForIn:
		l.hoistVar(n.Left)
		l.hoistVar(n.Body)
	case *js.While:
		l.hoistVar(n.Body)
	case *js.DoWhile:
		l.hoistVar(n.Body)
	case *js.Switch:
		for i := range n.Cases {
			l.hoistVars(n.Cases[i].Body)
		}
	case *js.Try:
		l.hoistVars(n.Block.Body)
		if n.Handler != nil {
			l.hoistVars(n.Handler.Body)
		}
		if n.Final != nil {
			l.hoistVars(n.Final.Body)
		}
	case *js.Labeled:
		l.hoistVar(n.Body)
	case *js.With:
		l.hoistVar(n.Body)
	case *js.Export:
		l.hoistVar(n.Decl)
	}
}
