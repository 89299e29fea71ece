package js

// Walk calls visit for n and, where it says true, for what n is made of, in the
// order of the source. Absent parts and holes are left out. A shorthand property
// {a} shows its identifier once, as value; {a = 1} shows the assignment.
func Walk(n Node, visit func(Node) bool) {
	if n == nil || !visit(n) {
		return
	}
	children(n, func(c Node) { Walk(c, visit) })
}

// Walk walks every statement of the file.
func (f *File) Walk(visit func(Node) bool) {
	for _, n := range f.Body {
		Walk(n, visit)
	}
}

// Inspect is Walk with the nodes around n, the outermost first. The slice is only
// lent.
func Inspect(n Node, visit func(n Node, parents []Node) bool) {
	var parents []Node
	var walk func(Node)
	walk = func(n Node) {
		if !visit(n, parents) {
			return
		}
		parents = append(parents, n)
		children(n, walk)
		parents = parents[:len(parents)-1]
	}
	if n != nil {
		walk(n)
	}
}

// Inspect inspects every statement of the file.
func (f *File) Inspect(visit func(n Node, parents []Node) bool) {
	for _, n := range f.Body {
		Inspect(n, visit)
	}
}

// Unwrap takes off what TypeScript wraps round an expression.
func Unwrap(n Node) Node {
	for {
		cast, ok := n.(*TypeCast)
		if !ok {
			return n
		}
		n = cast.Expr
	}
}

// Bindings calls visit for every identifier that a pattern binds.
func Bindings(pattern Node, visit func(*Identifier)) {
	switch n := pattern.(type) {
	case *Identifier:
		visit(n)
	case *Assign:
		Bindings(n.Target, visit)
	case *Spread:
		Bindings(n.Value, visit)
	case *Array:
		for _, e := range n.Elements {
			Bindings(e, visit)
		}
	case *Object:
		for _, e := range n.Props {
			if prop, ok := e.(*Property); ok {
				e = prop.Value
			}
			Bindings(e, visit)
		}
	}
}

func children(n Node, one func(Node)) {
	opt := func(c Node) {
		if c != nil {
			one(c)
		}
	}
	all := func(list []Node) {
		for _, c := range list {
			opt(c)
		}
	}
	name := func(id *Identifier) {
		if id != nil {
			one(id)
		}
	}
	source := func(l *Literal, attributes *Object) {
		if l != nil {
			one(l)
		}
		if attributes != nil {
			one(attributes)
		}
	}
	switch n := n.(type) {
	case *Template:
		for i, e := range n.Exprs {
			one(&n.Quasis[i])
			one(e)
		}
		one(&n.Quasis[len(n.Quasis)-1])
	case *Tagged:
		one(n.Tag)
		one(n.Quasi)
	case *Member:
		one(n.Object)
		one(n.Property)
	case *Call:
		one(n.Callee)
		all(n.Args)
	case *New:
		one(n.Callee)
		all(n.Args)
	case *ImportCall:
		all(n.Args)
	case *Function:
		name(n.Name)
		for i := range n.Params {
			one(&n.Params[i])
		}
		opt(n.Body)
	case *Param:
		all(n.Decorators)
		one(n.Target)
		opt(n.Default)
	case *Object:
		all(n.Props)
	case *Property:
		if !n.Shorthand {
			one(n.Key)
		}
		one(n.Value)
	case *Array:
		all(n.Elements)
	case *Spread:
		one(n.Value)
	case *Assign:
		one(n.Target)
		one(n.Value)
	case *Binary:
		one(n.Left)
		one(n.Right)
	case *Logical:
		one(n.Left)
		one(n.Right)
	case *Unary:
		one(n.Operand)
	case *Update:
		one(n.Operand)
	case *Conditional:
		one(n.Test)
		one(n.Then)
		one(n.Else)
	case *Sequence:
		all(n.Exprs)
	case *Await:
		one(n.Value)
	case *Yield:
		opt(n.Value)
	case *TypeCast:
		one(n.Expr)
	case *Class:
		all(n.Decorators)
		name(n.Name)
		opt(n.Super)
		all(n.Members)
	case *ClassMember:
		all(n.Decorators)
		opt(n.Key)
		opt(n.Value)
	case *JSXElement:
		if n.Tag != nil {
			one(n.Tag)
		}
		all(n.Attrs)
		all(n.Children)
	case *JSXAttr:
		one(n.Name)
		opt(n.Value)
	case *JSXContainer:
		opt(n.Expr)
	case *Import:
		name(n.Default)
		name(n.Namespace)
		for i := range n.Named {
			one(&n.Named[i])
		}
		opt(n.Ref)
		source(n.Source, n.Attributes)
	case *Specifier:
		specifier(n, one)
	case *Export:
		opt(n.Decl)
		opt(n.Namespace)
		for i := range n.Named {
			one(&n.Named[i])
		}
		source(n.Source, n.Attributes)
	case *Enum:
		name(n.Name)
		for i := range n.Members {
			one(&n.Members[i])
		}
	case *EnumMember:
		one(n.Key)
		opt(n.Init)
	case *Namespace:
		if n.Body != nil {
			one(n.Body)
		}
	case *TypeDecl:
		name(n.Name)
	default:
		statementChildren(n, one, opt, all)
	}
}

// specifier shows the two names in the order of the source.
func specifier(n *Specifier, one func(Node)) {
	a, b := n.Outer, n.Local
	if b.Pos() < a.Pos() {
		a, b = b, a
	}
	one(a)
	if a != b {
		one(b)
	}
}

func statementChildren(n Node, one, opt func(Node), all func([]Node)) {
	block := func(b *Block) {
		if b != nil {
			one(b)
		}
	}
	label := func(id *Identifier) {
		if id != nil {
			one(id)
		}
	}
	switch n := n.(type) {
	case *Var:
		for i := range n.Decls {
			one(&n.Decls[i])
		}
	case *Declarator:
		one(n.Target)
		opt(n.Init)
	case *ExprStmt:
		one(n.Expr)
	case *Block:
		all(n.Body)
	case *If:
		one(n.Test)
		one(n.Then)
		opt(n.Else)
	case *For:
		opt(n.Init)
		opt(n.Test)
		opt(n.Update)
		opt(n.Body)
	case *ForIn:
		one(n.Left)
		one(n.Right)
		one(n.Body)
	case *While:
		one(n.Test)
		one(n.Body)
	case *DoWhile:
		one(n.Body)
		one(n.Test)
	case *Switch:
		one(n.Value)
		for i := range n.Cases {
			one(&n.Cases[i])
		}
	case *Case:
		opt(n.Test)
		all(n.Body)
	case *Try:
		block(n.Block)
		opt(n.Param)
		block(n.Handler)
		block(n.Final)
	case *Return:
		opt(n.Value)
	case *Throw:
		one(n.Value)
	case *Branch:
		label(n.Label)
	case *Labeled:
		one(n.Label)
		one(n.Body)
	case *With:
		one(n.Object)
		one(n.Body)
	}
}
