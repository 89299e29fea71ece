// Command build bundles the widget's TypeScript into ../dist/v1, the files that
// are served and kept in git. It needs Go only. Run it with "go generate ./widget".
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

func main() {
	// go generate runs in the folder of the directive.
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write builds the widget in dir and puts the files where they are served from.
func write(dir string) error {
	files, err := bundle(dir)
	if err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, "dist", "v1", name), data, 0o644); err != nil {
			return fmt.Errorf("write the widget: %w", err)
		}
	}
	return nil
}

// bundle builds the widget whose folder is dir and gives the files of dist/v1 by
// name. The same sources give the same bytes on every machine.
func bundle(dir string) (map[string][]byte, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("build the widget: %w", err)
	}
	result := api.Build(api.BuildOptions{
		AbsWorkingDir:     root,
		EntryPoints:       []string{"src/define.ts"},
		Bundle:            true,
		Format:            api.FormatIIFE,
		Platform:          api.PlatformBrowser,
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsNone,
		// The first versions with <dialog> or real private methods, whichever came later.
		Engines: []api.Engine{
			{Name: api.EngineChrome, Version: "94"},
			{Name: api.EngineSafari, Version: "15.4"},
			{Name: api.EngineFirefox, Version: "98"},
		},
		Banner:   map[string]string{"js": "/* clew-lead v1 */"},
		Plugins:  []api.Plugin{{Name: "css as text", Setup: cssAsText}},
		LogLevel: api.LogLevelSilent,
	})
	if err := failure(result.Errors); err != nil {
		return nil, err
	}
	types, err := os.ReadFile(filepath.Join(root, "src", "clew.d.ts"))
	if err != nil {
		return nil, fmt.Errorf("build the widget: %w", err)
	}
	return map[string][]byte{"clew.js": result.OutputFiles[0].Contents, "clew.d.ts": types}, nil
}

// cssAsText lets the script import a style sheet as a minified text.
func cssAsText(build api.PluginBuild) {
	build.OnLoad(api.OnLoadOptions{Filter: `\.css$`}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
		source, err := os.ReadFile(args.Path)
		if err != nil {
			return api.OnLoadResult{}, err
		}
		small := api.Transform(string(source), api.TransformOptions{
			Loader: api.LoaderCSS, MinifyWhitespace: true, MinifySyntax: true, Charset: api.CharsetUTF8,
		})
		if err := failure(append(small.Errors, small.Warnings...)); err != nil {
			return api.OnLoadResult{}, err
		}
		text := customProperty.ReplaceAllString(strings.TrimSpace(string(small.Code)), "$1:")
		return api.OnLoadResult{Contents: &text, Loader: api.LoaderText}, nil
	})
}

// customProperty finds the space that minifying leaves in a custom property's
// declaration, where it has no meaning for our values.
var customProperty = regexp.MustCompile(`([{;]--[a-z-]+): `)

func failure(messages []api.Message) error {
	var errs []error
	for _, m := range messages {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		errs = append(errs, fmt.Errorf("build the widget: %s%s", where, m.Text))
	}
	return errors.Join(errs...)
}
