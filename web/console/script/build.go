// Command script bundles console.ts into ../console.js, which is served and kept
// in git. It needs Go only. Run it by "go generate ./web/console".
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	// go generate runs in the folder of the directive.
	code, err := bundle("script")
	if err == nil {
		err = os.WriteFile("console.js", code, 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// bundle builds console.ts in dir. The same source gives the same bytes anywhere.
func bundle(dir string) ([]byte, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("build the console's script: %w", err)
	}
	got := api.Build(api.BuildOptions{
		AbsWorkingDir: root, EntryPoints: []string{"console.ts"}, Bundle: true,
		Format: api.FormatIIFE, Target: api.ES2022, Charset: api.CharsetUTF8,
		MinifyWhitespace: true, MinifyIdentifiers: true, MinifySyntax: true, LegalComments: api.LegalCommentsNone,
	})
	if len(got.Errors) > 0 {
		return nil, errors.New("build the console's script: " + got.Errors[0].Text)
	}
	return got.OutputFiles[0].Contents, nil
}
