package ask

import (
	"strconv"

	"clew/check/code"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
)

// Demand is a place that refuses an empty answer.
type Demand struct {
	File     *source.File
	From, To int
	// Effect is the message that is shown; nil where a rule or an attribute demands.
	Effect *program.Effect
	// Text is the words of the message, as far as they are written.
	Text string
}

// flags are conditions on the way that have nothing to do with what is asked.
var flags = pattern.MustCompile(`(?i)load|submit|agree|check|login|token|user|disabled|lock|flag|click|time|consent|read|open`)

// Demands is the places that are sure to refuse an empty answer to a question,
// whatever the other answers are.
func (f *Form) Demands(a *Answers, q *Question) []Demand {
	var list []Demand
	if d, ok := f.ruled(q); ok {
		list = append(list, d)
	}
	if f.Asks[0].Page.Program().Project.Framework == source.HTML {
		if on, known := q.Node.Says("required"); on && known {
			n := q.Node
			list = append(list, Demand{File: n.File, From: n.Open.Start, To: n.Open.End})
		}
	}
	for i := range f.Sends {
		t := f.Sends[i].Trace
		stopped := false
		for j := range t.Effects {
			e := &t.Effects[j]
			switch e.Kind {
			case program.Request, program.Navigate, program.Emit, program.Outside:
				stopped = stopped || a.stops(e, q)
			}
		}
		if !stopped {
			continue
		}
		messages, _ := f.Messages(t)
		for _, m := range messages {
			if m.Kind != Refusal || m.Effect.After != program.Nothing || !m.Effect.Sure {
				continue
			}
			if g := a.Because(m.Effect, q); g != nil && a.alone(m.Effect, g) {
				list = append(list, Demand{m.Effect.File, m.Effect.From, m.Effect.To, m.Effect, m.Text})
				break
			}
		}
	}
	return list
}

// stops reports whether an effect surely does not come while an answer is empty.
func (a *Answers) stops(e *program.Effect, q *Question) bool {
	for g := e.When; g != nil; g = g.Up {
		if g.Term == nil {
			continue
		}
		v := a.Empty(g.Term, q)
		if g.Not {
			v = invert(v)
		}
		if list, _ := a.In(g.Term); v == program.False && len(list) > 0 {
			return true
		}
	}
	return false
}

// alone reports whether nothing but the answers decides about an effect.
func (a *Answers) alone(e *program.Effect, because *program.Given) bool {
	for g := e.When; g != nil; g = g.Up {
		if g == because {
			continue
		}
		if g.Kind == code.Loop || g.Kind == code.Case || g.Kind == code.Catch || g.Term == nil {
			return false
		}
		if list, _ := a.In(g.Term); len(list) > 0 {
			continue
		}
		if g.Kind == code.Early && flags.MatchString(g.Term.String()) {
			continue
		}
		return false
	}
	return true
}

// ruled is the rule that requires an answer, in the rules given to the form, to
// its item or to the field.
func (f *Form) ruled(q *Question) (Demand, bool) {
	p := f.Asks[0].Page.Program()
	names := map[string]bool{}
	for k := q.Node; k != nil; k = k.Up {
		for _, key := range []string{"name", "prop"} {
			if s, ok := k.Static(key); ok && s != "" {
				names[s] = true
			}
		}
		if at := k.Attr("rules"); at != nil && at.Expr != nil {
			t := p.In(p.Look(k, at.Expr), p.Initially)
			if k.IsForm() {
				for name := range names {
					if d, ok := required(p, p.Get(t, name), 0); ok {
						return d, true
					}
				}
			} else if d, ok := required(p, t, 0); ok {
				return d, true
			}
		}
		if k == f.Node {
			break
		}
	}
	return Demand{}, false
}

func required(p *program.Program, t *program.Term, depth int) (Demand, bool) {
	if t == nil || t.Kind != program.Literal || t.V == nil || depth > 3 {
		return Demand{}, false
	}
	if t.V.Kind == code.Array {
		for i := range min(len(t.V.Args), 8) {
			if d, ok := required(p, p.Get(t, strconv.Itoa(i)), depth+1); ok {
				return d, true
			}
		}
		return Demand{}, false
	}
	if p.Get(t, "required").Truth() == program.True {
		text := ""
		for _, key := range []string{"message", "errorMessage", "msg"} {
			if s := p.Get(t, key).Text(); s != "" {
				text = s
			}
		}
		return Demand{File: p.FileOf(t), From: int(t.V.From), To: int(t.V.To), Text: text}, true
	}
	return required(p, p.Get(t, "rules"), depth+1)
}
