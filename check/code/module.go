package code

import "clew/check/source/js"

func (l *lowerer) spec(name string) {
	if _, ok := l.specs[name]; ok {
		return
	}
	if l.specs == nil {
		l.specs = make(map[string]struct{})
	}
	l.specs[name] = struct{}{}
	l.m.Specs = append(l.m.Specs, name)
}

func (l *lowerer) imported(spec, name string, v *Var, at js.Range) {
	l.m.Imports = append(l.m.Imports, Import{spec, name, v, [2]int32{at.From + l.base, at.To + l.base}})
}

func (l *lowerer) from(spec, name string, r js.Range) *Value {
	v := l.text(Imported, r, spec)
	v.Name = name
	return v
}

func (l *lowerer) hoistImport(n *js.Import) {
	if n.TypeOnly {
		return
	}
	if n.Default != nil {
		l.declare(n.Default)
	}
	if n.Namespace != nil {
		l.declare(n.Namespace)
	}
	for i := range n.Named {
		if id, ok := n.Named[i].Local.(*js.Identifier); ok && !n.Named[i].TypeOnly {
			l.declare(id)
		}
	}
}

func (l *lowerer) importStmt(n *js.Import) {
	if n.TypeOnly {
		return // erased before it runs
	}
	if n.Source == nil {
		if n.Default != nil && n.Ref != nil {
			v := l.expr(n.Ref)
			if to := l.lookup(n.Default.Name); to != nil {
				l.write(to, v)
			}
		}
		return
	}
	spec := n.Source.Value
	l.spec(spec)
	bind := func(id *js.Identifier, name string) {
		to := l.lookup(id.Name)
		if to == nil {
			return
		}
		l.write(to, l.from(spec, name, id.Range))
		l.imported(spec, name, to, id.Range)
	}
	if n.Default != nil {
		name := "default"
		if n.Namespace == nil && n.Named == nil && l.isEquals(n) {
			name = "*"
		}
		bind(n.Default, name)
	}
	if n.Namespace != nil {
		bind(n.Namespace, "*")
	}
	for i := range n.Named {
		if id, ok := n.Named[i].Local.(*js.Identifier); ok && !n.Named[i].TypeOnly {
			bind(id, key(n.Named[i].Outer))
		}
	}
	if n.Default == nil && n.Namespace == nil && n.Named == nil {
		l.imported(spec, "", nil, n.Source.Range)
	}
}

// isEquals tells import a = require("b") from import a from "b": only in the
// first something stands behind the string.
func (l *lowerer) isEquals(n *js.Import) bool {
	if n.Attributes != nil {
		return false
	}
	for i := n.Default.To; i < n.Source.From; i++ {
		if l.src[i] == '=' {
			return true
		}
	}
	return false
}

// require is the value of require("x") where require is the module's own; nil
// for every other call.
func (l *lowerer) require(n *js.Call) *Value {
	id, ok := n.Callee.(*js.Identifier)
	if !ok || id.Name != "require" || len(n.Args) == 0 || l.lookup("require") != nil {
		return nil
	}
	spec, ok := constant(n.Args[0])
	if !ok {
		return nil
	}
	l.spec(spec)
	return l.from(spec, "*", n.Range)
}

func constant(n js.Node) (string, bool) {
	switch n := js.Unwrap(n).(type) {
	case *js.Literal:
		return n.Value, n.Kind == js.String
	case *js.Template:
		return n.Quasis[0].Cooked, len(n.Exprs) == 0
	}
	return "", false
}

// importCall is import(x): what it resolves to, for a constant name.
func (l *lowerer) importCall(n *js.ImportCall) *Value {
	if len(n.Args) > 0 {
		if spec, ok := constant(n.Args[0]); ok {
			l.spec(spec)
			return l.from(spec, "*", n.Range)
		}
	}
	base := len(l.stack)
	l.args(n.Args)
	l.stack = l.stack[:base]
	return l.value(Unknown, n.Range)
}

// isRequired says that v is the module that a call of require gave.
func isRequired(n js.Node, v *Value) bool {
	_, call := js.Unwrap(n).(*js.Call)
	return call && v.Kind == Imported
}

// requiredParts is const {a, b: c} = require("x").
func (l *lowerer) requiredParts(pattern *js.Object, v *Value) {
	for _, p := range pattern.Props {
		prop, ok := p.(*js.Property)
		if !ok {
			if rest, ok := p.(*js.Spread); ok {
				l.assignTo(rest.Value, l.rest(Object, v, rest))
			}
			continue
		}
		name := ""
		if !prop.Computed {
			name = key(prop.Key)
		}
		if name == "" {
			l.assignTo(prop.Value, l.part(v, prop))
			continue
		}
		part := l.from(v.Str, name, rangeOf(prop.Key))
		target := prop.Value
		if a, ok := target.(*js.Assign); ok {
			target = a.Target
		}
		if id, ok := target.(*js.Identifier); ok {
			if to := l.lookup(id.Name); to != nil {
				l.imported(v.Str, name, to, id.Range)
			}
		}
		l.assignTo(prop.Value, part)
	}
}

func (l *lowerer) export(name string, v *Value) {
	if l.quiet {
		return
	}
	if l.m.Exports == nil {
		l.m.Exports = make(map[string]*Value)
	}
	if v.Kind == Undefined && l.m.Exports[name] != nil {
		return // compilers write exports.a = void 0 first
	}
	l.m.Exports[name] = v
}

func (l *lowerer) exportStmt(n *js.Export) {
	switch {
	case n.TypeOnly:
	case n.Assign:
		l.export("=", l.expr(n.Decl))
	case n.Default:
		l.exportDefault(n.Decl)
	case n.Decl != nil:
		l.stmt(n.Decl)
		l.exportDeclared(n.Decl)
	case n.All:
		if n.Source == nil {
			return
		}
		l.spec(n.Source.Value)
		if n.Namespace != nil {
			l.export(key(n.Namespace), l.from(n.Source.Value, "*", rangeOf(n.Namespace)))
		} else if !l.quiet {
			l.m.Stars = append(l.m.Stars, n.Source.Value)
		}
	default:
		if n.Source != nil {
			l.spec(n.Source.Value)
		}
		for i := range n.Named {
			s := &n.Named[i]
			switch id, ok := s.Local.(*js.Identifier); {
			case s.TypeOnly:
			case n.Source != nil:
				l.export(key(s.Outer), l.from(n.Source.Value, key(s.Local), rangeOf(s.Local)))
			case ok && (l.m.Values < maxValues):
				l.export(key(s.Outer), l.name(id))
			}
		}
	}
}

func (l *lowerer) exportDefault(decl js.Node) {
	var id *js.Identifier
	switch d := decl.(type) {
	case *js.Function:
		if d.Declaration && d.Name == nil && d.Body != nil {
			l.export("default", l.function(d, "", js.Range{}))
			return
		}
		id = d.Name
		if !d.Declaration {
			id = nil
		}
	case *js.Class:
		if d.Declaration {
			id = d.Name
		}
	case *js.TypeDecl:
		return
	}
	if id == nil {
		l.export("default", l.expr(decl))
		return
	}
	l.stmt(decl)
	l.export("default", l.name(id))
}

// exportDeclared exports the names of a declaration.
func (l *lowerer) exportDeclared(decl js.Node) {
	var id *js.Identifier
	switch d := decl.(type) {
	case *js.Var:
		for i := range d.Decls {
			js.Bindings(d.Decls[i].Target, func(id *js.Identifier) { l.export(id.Name, l.name(id)) })
		}
	case *js.Function:
		if d.Body != nil {
			id = d.Name
		}
	case *js.Class:
		id = d.Name
	case *js.Enum:
		id = d.Name
	case *js.Namespace:
		id = l.namespaceName(d)
	case *js.Import:
		id = d.Default
	}
	if id != nil {
		l.export(id.Name, l.name(id))
	}
}
