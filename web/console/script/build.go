// Command script bundles console.ts and chart.ts into ../console.js and ../chart.js,
// which are served and kept in git. It needs Go only. Run it by "go generate ./web/console".
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	// go generate runs in the folder of the directive.
	for _, name := range []string{"console", "chart"} {
		code, err := bundle("script", name)
		if err == nil {
			err = os.WriteFile(name+".js", code, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// bundle builds name.ts in dir. The same source gives the same bytes anywhere. The
// chart library comes from node_modules ("npm ci" there) and brings its notice along.
func bundle(dir, name string) ([]byte, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("build the console's script: %w", err)
	}
	notice := ""
	if name == "chart" {
		text, err := os.ReadFile(filepath.Join(root, "node_modules/uplot/LICENSE"))
		if err != nil {
			return nil, fmt.Errorf("build the charts: run npm ci in %s: %w", dir, err)
		}
		notice = "/* uPlot: " + strings.Join(strings.Fields(string(text)), " ") + " */"
	}
	got := api.Build(api.BuildOptions{
		AbsWorkingDir: root, EntryPoints: []string{name + ".ts"}, Bundle: true, Banner: map[string]string{"js": notice},
		Format: api.FormatIIFE, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, LegalComments: api.LegalCommentsNone,
	})
	if len(got.Errors) > 0 {
		return nil, errors.New("build the console's script: " + got.Errors[0].Text)
	}
	return got.OutputFiles[0].Contents, nil
}
