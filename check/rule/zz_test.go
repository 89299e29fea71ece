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

func TestZZ(t *testing.T) {
	for _, spec := range strings.Fields(os.Getenv("ZZ")) {
		dir, page, _ := strings.Cut(spec, ":")
		tree, err := source.Load(context.Background(), os.DirFS(dir), source.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, pr := range tree.Projects {
			p := program.New(pr, "", program.Own{})
			for _, u := range pr.Units {
				if !strings.Contains(u.Main().Path, page) {
					continue
				}
				fmt.Println("==", dir, u.Main().Path)
				c := &Case{Program: p, Reading: Strict, Page: p.Page(u)}
				c.Asks = ask.Of(c.Page)
				a := c.arrives()
				for _, s := range a.sheets {
					o, comes := a.opens(s)
					fmt.Println("sheet", s.node.Name, s.why, "typed", s.typed(), "button", s.button != nil, "behind", s.behind(), "out", a.wayOut(s), "comes", comes, o.verdict)
				}
				for _, tp := range a.taps() {
					fmt.Println("tap", tp.node.Name, ask.Written(tp.node))
					for i := range tp.trace.Effects {
						e := &tp.trace.Effects[i]
						fmt.Println("   ", e.Kind, e.Name, e.Text, e.After, e.Sure, "asked", a.askedFor(e.When), reached(a.p, e, nothing, ask.Newcomer))
						for g := e.When; g != nil; g = g.Up {
							fmt.Println("        if", g.Not, g.Kind, g.Term, g.Term != nil && aboutPhone(p, g.Term, 0))
						}
						if e.Kind == program.Navigate {
							_, d := c.doorOf(e.Text)
							fmt.Println("        door", d)
						}
					}
				}
			}
		}
	}
}
