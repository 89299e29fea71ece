package rule

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"clew/check/ask"
	"clew/check/program"
	"clew/check/source"
)

func TestR32c(t *testing.T) {
	if os.Getenv("DIR") == "" {
		t.Skip()
	}
	tree, _ := source.Load(context.Background(), os.DirFS(os.Getenv("DIR")), source.Options{})
	total := map[string]time.Duration{}
	for _, pr := range tree.Projects {
		targets := pr.Targets()
		if len(targets) == 0 {
			targets = []source.Platform{""}
		}
		for _, tg := range targets {
			p := program.New(pr, tg, program.Own{})
			var marks []Mark
			for _, u := range pr.Units {
				if u.Kind == source.ComponentUnit {
					continue
				}
				b := time.Now()
				pg := p.Page(u)
				asks := ask.Of(pg)
				pg.Opening()
				for _, n := range pg.Nodes {
					for _, e := range pg.Handlers(n) {
						pg.Trace(e)
					}
				}
				total["base"] += time.Since(b)
				cc := Case{Program: p, Page: pg, Asks: asks, Reading: Strict}
				var all []*Rule
				for i := range All() {
					all = append(all, &All()[i])
				}
				b = time.Now()
				cc.arrives()
				total["arrives"] += time.Since(b)
				var out = Run
				for _, r := range all {
					b := time.Now()
					_ = out(cc, []*Rule{r}, &marks)
					total[r.ID] += time.Since(b)
				}
			}
		}
	}
	for k, v := range total {
		fmt.Println(v.Round(time.Millisecond), k)
	}
}
