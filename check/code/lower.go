package code

import "clew/check/source/js"

// maxValues bounds the values of one module; behind it everything is Unknown.
const maxValues = 4_000_000

// lowerer is the state of one [Lower].
type lowerer struct {
	frame

	m     *Module
	src   string
	base  int32 // where offset 0 of the tree stands in the file
	quiet bool  // exports are of a namespace, not of the module

	values   slab[Value]
	lists    slab[*Value]
	guards   slab[Guard]
	vars     slab[Var]
	kept     slab[Op]
	varLists slab[*Var]
	symbols  slab[symbol]
	unknown  *Value // what stands behind the limit

	names         map[string]*symbol
	shadows       []shadowed
	scope, scopes int32
	specs         map[string]struct{}

	// Lists under construction; each user cuts back to where it began.
	stack   []*Value
	ops     []Op
	pending []pending
	targets []target
	// declared is the variables of the function and those around it.
	declared []*Var
}

// frame is what belongs to the function that is being read.
type frame struct {
	fn   *Func
	this *Func // whose this is meant
	// Where its own part of the lists under construction begins.
	opBase, guardBase, targetBase, varBase int
	// dead: no path leads here. Nothing is recorded as an operation.
	dead bool
}

// Lower reads a tree. file names it in places. It never fails: what is not
// understood is [Unknown].
func Lower(file string, tree *js.File) *Module {
	l := lowerer{}
	l.start(file, tree)
	l.hoistVars(tree.Body)
	l.hoistBlock(tree.Body)
	l.stmts(tree.Body)
	l.end()
	return l.m
}

// start makes the module and the function of its top level.
func (l *lowerer) start(file string, tree *js.File) {
	l.m = &Module{File: file, Errors: len(tree.Errors)}
	l.src, l.unknown = tree.Source, &Value{}
	l.scopes, l.scope = 1, 1
	l.fn = l.newFunc(js.Range{From: 0, To: int32(len(tree.Source))})
}

func (l *lowerer) end() { l.leave(frame{}) }

// newFunc makes a function inside the current one.
func (l *lowerer) newFunc(r js.Range) *Func {
	f := &Func{Module: l.m, Index: len(l.m.Funcs), Parent: l.fn, From: r.From + l.base, To: r.To + l.base}
	l.m.Funcs = append(l.m.Funcs, f)
	return f
}

// enter makes f the current function and says what to give to leave.
func (l *lowerer) enter(f, this *Func) frame {
	old := l.frame
	l.frame = frame{fn: f, this: this, opBase: len(l.ops), guardBase: len(l.pending), targetBase: len(l.targets), varBase: len(l.declared)}
	return old
}

func (l *lowerer) leave(old frame) {
	// One that was entered before goes on where it stopped: a class has many
	// initialisers.
	if ops := l.ops[l.opBase:]; len(l.fn.Ops) == 0 {
		l.fn.Ops = l.kept.keep(ops)
	} else {
		l.fn.Ops = append(l.fn.Ops, ops...)
	}
	vars := l.declared[:l.varBase]
	for _, v := range l.declared[l.varBase:] {
		if v.Param < 0 {
			vars = append(vars, v)
		}
	}
	if vars = vars[l.varBase:]; l.fn.Vars == nil {
		l.fn.Vars = l.varLists.keep(vars)
	} else {
		l.fn.Vars = append(l.fn.Vars, vars...)
	}
	l.declared = l.declared[:l.varBase]
	l.ops, l.pending, l.targets = l.ops[:l.opBase], l.pending[:l.guardBase], l.targets[:l.targetBase]
	l.frame = old
}

// emit records an operation under the conditions that hold here.
func (l *lowerer) emit(kind OpKind, v *Value) {
	if !l.dead {
		l.ops = append(l.ops, Op{kind, v, l.guard()})
	}
}

func (l *lowerer) value(kind Kind, r js.Range) *Value {
	v := l.values.next()
	v.Kind, v.From, v.To = kind, r.From+l.base, r.To+l.base
	l.m.Values++
	if kind == String || kind == Number {
		l.m.Constants++
		v.Constant = int32(l.m.Constants) // #nosec G115 -- a file has fewer
	}
	return v
}

func (l *lowerer) text(kind Kind, r js.Range, s string) *Value {
	v := l.value(kind, r)
	v.Str = s
	return v
}

// made is a value with parts.
func (l *lowerer) made(kind Kind, r js.Range, args ...*Value) *Value {
	v := l.value(kind, r)
	v.Args = l.lists.keep(args)
	return v
}

// joined is a binary value that no single place of the source says.
func (l *lowerer) joined(kind Kind, op js.Op, a, b *Value) *Value {
	v := l.made(kind, js.Range{}, a, b)
	v.Op, v.From, v.To = op, min(a.From, b.From), max(a.To, b.To)
	return v
}

// take makes the values pushed since base a list.
func (l *lowerer) take(base int) []*Value {
	kept := l.lists.keep(l.stack[base:])
	l.stack = l.stack[:base]
	return kept
}

func rangeOf(n js.Node) js.Range { return js.Range{From: int32(n.Pos()), To: int32(n.End())} }
