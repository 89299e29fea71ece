package rule

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"clew/check/ask"
	"clew/check/program"
	"clew/check/source"
)

func TestR32(t *testing.T) {
	dir := os.Getenv("DIR")
	if dir == "" {
		t.Skip()
	}
	tree, _ := source.Load(context.Background(), os.DirFS(dir), source.Options{})
	for _, pr := range tree.Projects {
		targets := pr.Targets()
		if len(targets) == 0 {
			targets = []source.Platform{""}
		}
		p := program.New(pr, targets[len(targets)-1], program.Own{})
		for _, u := range pr.Units {
			if !strings.Contains(u.Main().Path, os.Getenv("PAGE")) {
				continue
			}
			pg := p.Page(u)
			c := &Case{Program: p, Page: pg, Asks: ask.Of(pg)}
			fmt.Println("==", u.Main().Path, u.Kind, "asks", len(c.Asks))
			for _, a := range c.Asks {
				fmt.Println("  ask", a.Node.Name, a.Node.File.Path, a.Node.Open.Start, "button", a.Button != nil, "field", a.Field != nil, "dialog", a.Dialog != nil)
			}
			a := c.arrives()
			for _, q := range a.c.Asks {
				for k := q.Button; k != nil; k = k.Up {
					if len(k.When) == 0 || k.Text != nil {
						continue
					}
					g, ok := a.gate(k, q.Button)
					fmt.Println("  gate", k.Name, ok, g.verdict, g.by != nil, fills(k), a.lifts(&sheet{node: k, conds: k.Conditions()}))
					s := &sheet{node: k, at: outermost(k), conds: k.Conditions()}
					h, o := 0, 0
					s.button = q.Button
					fmt.Println("   out", a.wayOut(s))
					for _, en := range a.c.Page.Handlers(s.button) {
						tr := a.c.Page.Trace(en)
						fmt.Println("   refused", a.refused(s, tr, en.Name))
					}
					for _, r := range pg.Roots {
						a.weigh(r, s, program.FirstVisit(p.Initially), false, &h, &o)
					}
					fmt.Println("   ", h, o, holds(p, s.conds, program.FirstVisit(p.Initially), ask.Newcomer), a.closedAtOnce(s, nil))
					for _, k := range s.conds {
						fmt.Println("     cond", k.Not, k.Term, "first", cond(p, &k, program.FirstVisit(p.Initially), ask.Newcomer), "may", cond(p, &k, a.may, ask.Newcomer))
					}
				}
			}
			_, locked := c.gatePage(a, a.taps())
			fmt.Println("  gatePage", locked, "entry", u.Entry)
			if os.Getenv("TAPS") != "" {
				for _, tp := range a.taps() {
					fmt.Println("  tap", tp.node.Name, clip(ask.Written(tp.node)))
					for i := range tp.trace.Effects {
						e := &tp.trace.Effects[i]
						_, d := c.doorOf(e.Text)
						fmt.Println("     ", e.Kind, e.Name, e.Text, "reach", reached(p, e, nothing, ask.Newcomer), "lacks", lacks(p, e, nothing), e.After, "door", d)
						for g := e.When; g != nil; g = g.Up {
							fmt.Println("         given", g.Not, g.Term)
						}
					}
				}
			}
			for _, s := range a.sheets {
				fmt.Println("  sheet", s.node.Name, s.at.Name, s.why, "caller", s.caller != nil, "asks", len(s.asks), "login", s.login)
				for _, k := range s.conds {
					fmt.Println("     cond", k.Not, k.Term, "first", cond(p, &k, program.FirstVisit(p.Initially), ask.Newcomer), "may", cond(p, &k, a.may, ask.Newcomer))
				}
				fmt.Println("     way out", a.wayOut(s), "behind", s.behind())
				o, ok := a.opens(s)
				fmt.Println("     opens", ok, o.verdict)
				tr := pg.Opening()
				for i := range tr.Effects {
					e := &tr.Effects[i]
					if v, ok := a.turnsOn(s, e); ok {
						fmt.Println("     by", e.Name, e.Value, v, "happens", a.happens(e), "closed", a.closedAtOnce(s, e), "sure", e.Sure, e.After)
						for g := e.When; g != nil; g = g.Up {
							fmt.Println("         given", g.Not, g.Term, "first", guard(p, g, program.FirstVisit(a.may), ask.Newcomer), "may", guard(p, g, a.may, ask.Newcomer))
						}
					}
				}
			}
		}
	}
}
