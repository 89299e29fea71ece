package program

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"clew/check/source"
)

func TestDebug(t *testing.T) {
	dir := os.Getenv("DIR")
	if dir == "" {
		t.Skip()
	}
	began := time.Now()
	tree, err := source.Load(context.Background(), os.DirFS(dir), source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println("load", time.Since(began), len(tree.Projects), "projects")
	for _, pr := range tree.Projects {
		fmt.Println("project", pr.Root, pr.Framework, pr.Platforms, pr.Targets())
		targets := pr.Targets()
		if len(targets) == 0 {
			targets = []source.Platform{""}
		}
		p := New(pr, targets[0], Own{})
		began = time.Now()
		n, eff := 0, 0
		for _, u := range pr.Units {
			pg := p.Page(u)
			if page := os.Getenv("PAGE"); page != "" {
				if !strings.Contains(u.Main().Path, page) {
					continue
				}
				fmt.Println("==", u.Main().Path, "nodes", len(pg.Nodes), "options", len(pg.Unit.options), "scope", pg.Unit.scope != nil)
				for _, e := range pg.Entries() {
					dump(pg.Trace(e))
				}
				if os.Getenv("TAPS") != "" {
					for _, nd := range pg.Nodes {
						for _, e := range pg.Handlers(nd) {
							dump(pg.Trace(e))
						}
						if len(nd.Events) > 0 && len(pg.Handlers(nd)) == 0 {
							fmt.Println("  no handler:", nd.Name, nd.Events[0].Name, nd.Events[0].Handler)
						}
					}
				}
				continue
			}
			n++
			eff += len(pg.Opening().Effects)
			for _, nd := range pg.Nodes {
				for _, e := range pg.Handlers(nd) {
					eff += len(pg.Trace(e).Effects)
				}
			}
		}
		fmt.Println("units", n, "effects", eff, "frames", p.frames, time.Since(began))
	}
}

func dump(tr *Trace) {
	fmt.Println("-- entry", tr.Entry.Name, "cut", tr.Cut)
	for _, e := range tr.Effects {
		var path []string
		for _, s := range e.Path() {
			path = append(path, s.Name)
		}
		var when []string
		for g := e.When; g != nil; g = g.Up {
			w := g.Term.String()
			if g.Not {
				w = "not " + w
			}
			when = append(when, w)
		}
		fmt.Printf("   %d %s state=%v value=%v text=%q after=%d delay=%v sure=%v  %s:%d  via %s when %s\n", e.Kind, e.Name, e.State, e.Value, e.Text, e.After, e.Delay, e.Sure, e.File.Path, e.From, strings.Join(path, ">"), strings.Join(when, " & "))
	}
}
