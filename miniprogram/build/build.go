// Command build writes ../dist: for each platform the component as an npm package,
// and around it an app that shows it. It needs Go only. Run it with "go generate
// ./miniprogram".
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/evanw/esbuild/pkg/api"
)

// version is the packages'.
const version = "0.1.0"

func main() {
	// go generate runs in the folder of the directive.
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write replaces dist in dir by what the sources give, and prints the sizes.
func write(dir string) error {
	files, err := build(dir)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(dir, "dist")); err != nil {
		return fmt.Errorf("write the mini-program packages: %w", err)
	}
	for name, data := range files {
		name = filepath.Join(dir, "dist", filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("write the mini-program packages: %w", err)
		}
		if err := os.WriteFile(name, data, 0o644); err != nil {
			return fmt.Errorf("write the mini-program packages: %w", err)
		}
	}
	for _, p := range platforms {
		plain, small, err := weigh(files, p.name+"/clew-lead/")
		if err != nil {
			return err
		}
		fmt.Printf("miniprogram: %s: %d bytes in the package, %d after gzip\n", p.name, plain, small)
	}
	return nil
}

// weigh is how many bytes the files under prefix that an app carries have, plain
// and after gzip -9 of each.
func weigh(files map[string][]byte, prefix string) (plain, small int, err error) {
	for name, data := range files {
		if !strings.HasPrefix(name, prefix) || strings.HasSuffix(name, ".d.ts") {
			continue
		}
		var b bytes.Buffer
		w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if err != nil {
			return 0, 0, fmt.Errorf("weigh %s: %w", name, err)
		}
		if _, err := w.Write(data); err != nil {
			return 0, 0, fmt.Errorf("weigh %s: %w", name, err)
		}
		if err := w.Close(); err != nil {
			return 0, 0, fmt.Errorf("weigh %s: %w", name, err)
		}
		plain, small = plain+len(data), small+b.Len()
	}
	return plain, small, nil
}

// build gives the files of dist by name. The same sources give the same bytes on
// every machine.
func build(dir string) (map[string][]byte, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("build the mini-program packages: %w", err)
	}
	w := words{}
	for _, name := range []string{"../widget/words.json", "words.json"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			return nil, fmt.Errorf("build the mini-program packages: %w", err)
		}
		more := words{}
		if err := json.Unmarshal(data, &more); err != nil {
			return nil, fmt.Errorf("build the mini-program packages: %s: %w", name, err)
		}
		for key := range more {
			if w[key] != nil {
				return nil, fmt.Errorf("build the mini-program packages: %s: %q is a word of the widget already", name, key)
			}
		}
		maps.Copy(w, more)
	}
	files := map[string][]byte{}
	for _, p := range platforms {
		one, err := p.files(root, w)
		if err != nil {
			return nil, fmt.Errorf("build the mini-program package for %s: %w", p.name, err)
		}
		for name, data := range one {
			files[p.name+"/"+name] = data
		}
	}
	return files, nil
}

// files is one platform's package: the component and the app around it.
func (p platform) files(root string, w words) (map[string][]byte, error) {
	files := map[string][]byte{}
	scripts, err := p.scripts(root)
	if err != nil {
		return nil, err
	}
	maps.Copy(files, scripts)
	styled := func(from string) ([]byte, error) {
		return os.ReadFile(filepath.Join(root, from))
	}
	marked := func(from string) ([]byte, error) {
		data, err := os.ReadFile(filepath.Join(root, from))
		if err != nil {
			return nil, err
		}
		text, err := translate(string(data), p, w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		return []byte(text), nil
	}
	plain := func(from string) ([]byte, error) {
		data, err := os.ReadFile(filepath.Join(root, from))
		if err != nil {
			return nil, err
		}
		t, err := template.New(path.Base(from)).Delims("[[", "]]").Option("missingkey=error").Parse(string(data))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		var b bytes.Buffer
		err = t.Execute(&b, map[string]string{
			"Name": p.name, "TitleZH": p.titleZH, "TitleEN": p.titleEN, "Markup": p.markup, "Style": p.style, "Version": version,
			"Package": "@clew/lead-" + p.name, "Global": p.global,
		})
		return b.Bytes(), err
	}
	type source struct {
		to   string
		read func(string) ([]byte, error)
		from string
	}
	sources := []source{
		{"clew-lead/index." + p.markup, marked, "src/clew-lead.html"},
		{"clew-lead/index." + p.style, styled, "src/clew-lead.css"},
		{"clew-lead/index.json", plain, "src/clew-lead.json"},
		{"clew-lead/index.d.ts", plain, "src/clew-lead.types"},
		{"clew-lead/active.d.ts", plain, "src/active.types"},
		{"package.json", plain, "src/package.json"},
		{"README.md", plain, "src/README.md"},
	}
	demo, err := fs.Glob(os.DirFS(filepath.Join(root, "demo")), "*")
	if err != nil {
		return nil, err
	}
	pages, err := fs.Glob(os.DirFS(filepath.Join(root, "demo")), "pages/*/*")
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Concat(demo, pages) {
		stem := strings.TrimSuffix(name, path.Ext(name))
		switch path.Ext(name) {
		case ".html":
			sources = append(sources, source{stem + "." + p.markup, marked, "demo/" + name})
		case ".css":
			sources = append(sources, source{stem + "." + p.style, styled, "demo/" + name})
		case ".json", ".js":
			if only, rest, ok := strings.Cut(path.Base(name), "@"); ok {
				// mini.project.json is Alipay's only, project.config.json the others'.
				if !strings.Contains(only, p.name) {
					continue
				}
				stem = path.Join(path.Dir(name), strings.TrimSuffix(rest, path.Ext(rest)))
			}
			sources = append(sources, source{stem + path.Ext(name), plain, "demo/" + name})
		}
	}
	for _, s := range sources {
		data, err := s.read(s.from)
		if err != nil {
			return nil, err
		}
		files[s.to] = data
	}
	return files, nil
}

// scripts bundles the component and the helper. They stay readable: the platforms'
// tools make them small at upload, and people review them.
func (p platform) scripts(root string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for to, from := range map[string]string{"clew-lead/index.js": "src/" + p.entry, "clew-lead/active.js": "src/active.ts"} {
		result := api.Build(api.BuildOptions{
			AbsWorkingDir: root,
			EntryPoints:   []string{from},
			Bundle:        true,
			Format:        api.FormatCommonJS,
			Platform:      api.PlatformNeutral,
			Charset:       api.CharsetUTF8,
			Target:        api.ES2017,
			TreeShaking:   api.TreeShakingTrue,
			LegalComments: api.LegalCommentsNone,
			MinifySyntax:  false,
			Alias:         map[string]string{"platform": "./src/platform/" + p.name + ".ts"},
			Banner:        map[string]string{"js": "/* " + "@clew/lead-" + p.name + " " + version + " */"},
			LogLevel:      api.LogLevelSilent,
		})
		if err := failure(append(result.Errors, result.Warnings...)); err != nil {
			return nil, err
		}
		files[to] = result.OutputFiles[0].Contents
	}
	return files, nil
}

func failure(messages []api.Message) error {
	var errs []error
	for _, m := range messages {
		where := ""
		if m.Location != nil {
			where = fmt.Sprintf("%s:%d: ", m.Location.File, m.Location.Line)
		}
		errs = append(errs, errors.New(where+m.Text))
	}
	return errors.Join(errs...)
}
