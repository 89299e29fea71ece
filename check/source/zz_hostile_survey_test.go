package source

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestZZSurvey(t *testing.T) {
	dirs := filepath.SplitList(os.Getenv("SURVEY"))
	for _, top := range dirs {
		list, _ := filepath.Glob(top + "/*")
		for _, d := range list {
			tree, err := Load(context.Background(), os.DirFS(d), Options{})
			if err != nil {
				fmt.Println("ERR", d, err)
				continue
			}
			fmt.Printf("== %s files=%d\n", filepath.Base(d), len(tree.Files))
			for _, p := range tree.Projects {
				pages, comps, conv := 0, 0, 0
				for _, u := range p.Units {
					if u.Kind == PageUnit {
						pages++
						if u.ByConvention {
							conv++
						}
					} else {
						comps++
					}
				}
				cnt := map[NoteCode]int{}
				for _, n := range p.Notes {
					cnt[n.Code]++
				}
				fmt.Printf("  %-8s root=%s base=%s pages=%d(conv %d) comps=%d files=%d plat=%v notes=%v\n", p.Framework, p.Root, p.Base, pages, conv, comps, len(p.Files), p.Platforms, cnt)
				i := map[NoteCode]int{}
				for _, n := range p.Notes {
					switch n.Code {
					case PageAbsent, UseAbsent, BrokenConfig, ConfigCode, PagePartial:
						if i[n.Code]++; i[n.Code] <= 4 {
							fmt.Printf("     %s %s %s\n", n.Code, n.File, n.Detail)
						}
					}
				}
			}
			for _, n := range tree.Notes {
				switch n.Code {
				case Dependency, LinkInside, MinifiedCode:
					continue
				}
				fmt.Printf("   T %s %s %s\n", n.Code, n.File, n.Detail)
			}
		}
	}
}
