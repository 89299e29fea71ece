package js

// slab hands out values of one type from ever larger pieces of memory: a tree is
// made of very many small nodes that die together.
type slab[T any] struct {
	free []T
	size int
}

const maxSlab = 512

func (s *slab[T]) grow(n int) {
	s.size = min(max(2*s.size, 8), maxSlab)
	s.free = make([]T, max(s.size, n))
}

// keep copies items into a slice of their own.
func (s *slab[T]) keep(items []T) []T {
	n := len(items)
	if n == 0 {
		return nil
	}
	if len(s.free) < n {
		if n > maxSlab/4 {
			return append([]T(nil), items...)
		}
		s.grow(n)
	}
	kept := s.free[:n:n]
	s.free = s.free[n:]
	copy(kept, items)
	return kept
}

// tree owns the memory of the frequent nodes.
type tree struct {
	left int // nodes that may still be made
	// stopped says that there were too many: the next token is the end.
	stopped bool

	identifiers slab[Identifier]
	members     slab[Member]
	calls       slab[Call]
	literals    slab[Literal]
	functions   slab[Function]
	properties  slab[Property]
	objects     slab[Object]
	arrays      slab[Array]
	binaries    slab[Binary]
	logicals    slab[Logical]
	unaries     slab[Unary]
	assigns     slab[Assign]
	conditions  slab[Conditional]
	sequences   slab[Sequence]
	exprs       slab[ExprStmt]
	blocks      slab[Block]
	ifs         slab[If]
	returns     slab[Return]
	vars        slab[Var]
	thises      slab[This]

	lists  slab[Node]
	params slab[Param]
	decls  slab[Declarator]
}

// makeNode returns a zero node from s. Past the limit the source ends.
func makeNode[T any](p *parser, s *slab[T]) *T {
	if len(s.free) == 0 {
		s.grow(1)
		p.spend(len(s.free))
	}
	v := &s.free[0]
	s.free = s.free[1:]
	return v
}

func (p *parser) spend(n int) {
	p.tree.left -= n
	if p.tree.left < 0 && !p.tree.stopped {
		p.tree.stopped = true
		p.fail(p.start, len(p.src), TooMany, "the file has more nodes than the limit; the rest was not read")
	}
}

// list takes the nodes pushed since base.
func (p *parser) list(base int) []Node {
	kept := p.tree.lists.keep(p.nodes[base:])
	p.nodes = p.nodes[:base]
	return kept
}

func (p *parser) identifier() *Identifier {
	n := makeNode(p, &p.tree.identifiers)
	n.Range = Range{int32(p.start), int32(p.end)}
	n.Name = p.name()
	p.next()
	return n
}
