package ask

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"clew/check/program"
	"clew/check/source"
)

func TestDebug313(t *testing.T) {
	dir := os.Getenv("DIR")
	if dir == "" {
		t.Skip()
	}
	tree, err := source.Load(context.Background(), os.DirFS(dir), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, pr := range tree.Projects {
		targets := pr.Targets()
		if len(targets) == 0 {
			targets = []source.Platform{""}
		}
		p := program.New(pr, targets[0], program.Own{})
		for _, u := range pr.Units {
			if page := os.Getenv("PAGE"); page != "" && !strings.Contains(u.Main().Path, page) {
				continue
			}
			pg := p.Page(u)
			for _, f := range Forms(Of(pg)) {
				fmt.Println("== FORM", u.Main().Path, "stated", f.Stated, "unseen", f.Unseen, "collects", f.Collects, "sends", len(f.Sends))
				for _, q := range f.Questions {
					fmt.Printf("   q %s key=%q hint=%q mark=%d written=%v words=%q closed=%v\n", q.Node.Name, q.Key, q.Hint, q.Mark, q.Written, q.Words(), q.Closed)
				}
				for _, s := range f.Sends {
					fmt.Printf("   send %q %s\n", s.Words, s.Entry.Name)
				}
			}
			for _, a := range Of(pg) {
				fmt.Println("== ASK", u.Main().Path, a.Node.Name, "at", a.Node.File.Path, a.Node.Open.Start, "form", a.Form != nil, "dialog", a.Dialog != nil, "btn", a.Button != nil)
				for _, f := range a.Fields {
					l, _ := f.Node.File.Position(f.Node.Open.Start)
					fmt.Printf("   field %s:%d kind=%d key=%q label=%q hint=%q phone=%v code=%v closed=%v\n", f.Node.Name, l, f.Kind, f.Key, f.Label, f.Hint, f.Phone, f.Code, f.Closed)
				}
				for _, s := range a.Submits {
					fmt.Printf("   submit %q %s effects=%d unknown=%d cut=%v\n", s.Words, s.Entry.Name, len(s.Trace.Effects), s.Trace.Unknown, s.Trace.Cut)
					if os.Getenv("EFF") != "" {
						for _, e := range s.Trace.Effects {
							var path, when []string
							for _, st := range e.Path() {
								path = append(path, st.Name)
							}
							for g := e.When; g != nil; g = g.Up {
								w := g.Term.String()
								if g.Not {
									w = "not " + w
								}
								when = append(when, fmt.Sprintf("%d:%s", g.Kind, w))
							}
							l, _ := e.File.Position(e.From)
							fmt.Printf("      %d %s state=%v value=%v text=%q after=%d sure=%v  %s:%d  via %s when %s\n", e.Kind, e.Name, e.State, e.Value, e.Text, e.After, e.Sure, e.File.Path, l, strings.Join(path, ">"), strings.Join(when, " & "))
						}
					}
				}
			}
		}
	}
}
