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

func TestR33Debug(t *testing.T) {
	dir := os.Getenv("DIR")
	if dir == "" {
		t.Skip()
	}
	pages := strings.Split(os.Getenv("PAGES"), ",")
	tree, err := source.Load(context.Background(), os.DirFS(dir), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	done := map[string]bool{}
	for _, pr := range tree.Projects {
		targets := pr.Targets()
		if len(targets) == 0 {
			targets = []source.Platform{""}
		}
		for _, tg := range targets {
			p := program.New(pr, tg, program.Own{})
			for _, u := range pr.Units {
				if u.Kind == source.ComponentUnit && pr.Framework != source.Loose {
					orphan := false
					for _, n := range pr.Notes {
						if n.Code == source.Orphan && n.File == u.Main().Path {
							orphan = true
						}
					}
					if !orphan {
						continue
					}
				}
				pg := p.Page(u)
				for _, a := range Of(pg) {
					hit := false
					for _, want := range pages {
						if want != "" && (strings.HasPrefix(a.Node.File.Path, want) || strings.HasPrefix(u.Main().Path, want)) {
							hit = true
						}
					}
					key := fmt.Sprint(a.Node.File.Path, a.Node.Open.Start, u.Main().Path)
					if !hit || done[key] {
						continue
					}
					done[key] = true
					line, _ := a.Node.File.Position(a.Node.Open.Start)
					fmt.Printf("ASK %s:%d page=%s target=%s cap=%s words=%q\n", a.Node.File.Path, line, u.Main().Path, tg, a.Capability(), a.Node.Words())
					if a.Field != nil {
						fmt.Printf("  field key=%q hint=%q label=%q\n", a.Field.Key, a.Field.Hint, a.Field.Label)
					}
					for _, s := range a.Submits {
						fmt.Printf("  SUBMIT %q unknown=%d cut=%v\n", s.Words, s.Trace.Unknown, s.Trace.Cut)
						for i := range s.Trace.Effects {
							e := &s.Trace.Effects[i]
							switch e.Kind {
							case program.Emit, program.Load:
								continue
							}
							var path []string
							for _, st := range e.Path() {
								path = append(path, st.Name)
							}
							val := ""
							if e.Value != nil {
								val = e.Value.String()
							}
							for _, x := range e.Args {
								val += " " + p.Deep(x, 3).String()
							}
							if len(val) > 300 {
								val = val[:300]
							}
							fmt.Printf("     %d %s text=%q sure=%v after=%d via %s  %s\n", e.Kind, e.Name, e.Text, e.Sure, e.After, strings.Join(path, ">"), val)
						}
					}
				}
			}
		}
	}
}
