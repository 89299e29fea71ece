package ask_test

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
		tree, err := source.Load(context.Background(), os.DirFS("/tmp/blind/"+dir), source.Options{})
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
				for _, a := range ask.Of(p.Page(u)) {
					us := a.Use()
					fmt.Println("ask button", a.Button != nil, "field", a.Field != nil, a.Field != nil && a.Field.Closed, "dialog", a.Dialog != nil, "grant", a.Grant != nil, "submits", len(a.Submits), "->", us.Purpose, "sure", us.Sure, "mixed", us.Mixed, "lost", us.Lost)
					for _, e := range us.Evidence {
						fmt.Println("    ", e.Purpose, e.Kind, e.Weight, e.Word)
					}
					if os.Getenv("ZT") != "" && a.Grant != nil {
						for _, e := range p.Page(u).Trace(*a.Grant).Effects {
							fmt.Println("   T", e.Kind, e.Name, e.Text, e.State, e.Value, e.Sure)
						}
					}
				}
			}
		}
	}
}
