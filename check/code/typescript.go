package code

import (
	"strconv"
	"strings"

	"clew/check/source/js"
)

// enum makes the object that an enum is at run time. Members without value count
// on from the one before; behind one that is not a number they are Unknown.
func (l *lowerer) enum(n *js.Enum) {
	if n.Name == nil || n.Declare {
		return
	}
	base := len(l.stack)
	next, counting := 0, true
	for i := range n.Members {
		m := &n.Members[i]
		var v *Value
		switch {
		case m.Init != nil:
			v = l.expr(m.Init)
			count, err := strconv.Atoi(v.Str)
			if counting = v.Kind == Number && err == nil; counting {
				next = count + 1
			}
		case counting:
			v = l.text(Number, rangeOf(m.Key), strconv.Itoa(next))
			next++
		default:
			v = l.value(Unknown, rangeOf(m.Key))
		}
		p := l.made(Prop, m.Range, v)
		p.Str = key(m.Key)
		l.stack = append(l.stack, p)
	}
	v := l.value(Object, n.Range)
	v.Args = l.take(base)
	if to := l.lookup(n.Name.Name); to != nil {
		l.write(to, v)
	}
}

// namespaceName is the variable that a namespace makes; nil for those that make
// none.
func (l *lowerer) namespaceName(n *js.Namespace) *js.Identifier {
	if n.Body == nil || n.Declare || n.Name == "global" || n.Name == "" || n.Name[0] == '"' || n.Name[0] == '\'' {
		return nil
	}
	name, _, _ := strings.Cut(n.Name, ".")
	name = strings.TrimSpace(name)
	// The tree does not say where it stands: behind the keyword.
	at := n.From
	if i := strings.IndexAny(l.src[n.From:n.To], " \t\r\n"); i >= 0 {
		at += int32(i)
	}
	at += max(0, int32(strings.Index(l.src[at:n.To], name)))
	return &js.Identifier{Range: js.Range{From: at, To: at + int32(len(name))}, Name: name}
}

// namespace runs its body where it stands. What it exports is not followed.
func (l *lowerer) namespace(n *js.Namespace) {
	id := l.namespaceName(n)
	if id == nil {
		return
	}
	v := l.made(Object, n.Range, l.made(Spread, n.Range, l.unknown))
	if to := l.lookup(id.Name); to != nil {
		l.write(to, v)
	}
	old := l.quiet
	l.quiet = true
	mark := l.open()
	l.hoistVars(n.Body.Body)
	l.hoistBlock(n.Body.Body)
	l.stmts(n.Body.Body)
	l.close(mark)
	l.quiet = old
}
