package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"clew/check"
	"clew/check/lsp"
	"clew/check/report"
	"clew/check/rule"
	"clew/check/sarif"
	"clew/check/settings"
	"clew/finding"
	"clew/words"
)

// How clew check ends, beside 0 for a project that keeps the norm.
var (
	// errFound says that violations were found and told: exit 1.
	errFound = errors.New("violations were found")
	// errPartly says that nothing was found, but not everything was looked at: exit 2.
	errPartly = errors.New("some of what should be checked could not be read, see the notes; what was read keeps the norm")
)

// checking is what clew check was asked to do.
type checking struct {
	dir, format, reading, baseline, writeBaseline, lang, cache, color string
	verbose, watch                                                    bool
}

func runCheck(ctx context.Context, w world, args []string) error {
	c := checking{}
	f := flags(w, "check")
	f.StringVar(&c.format, "format", "text", "text, json, sarif or github")
	f.StringVar(&c.reading, "reading", "", "how far clause 3.3 reaches: platform (the lead component) or strict (any use of a phone number); default: what clew.check.yaml says, else platform")
	f.StringVar(&c.baseline, "baseline", "", "a file of findings that were there before; only new ones count")
	f.StringVar(&c.writeBaseline, "write-baseline", "", "write what is found now to a file, for --baseline, and end with 0")
	f.StringVar(&c.lang, "lang", "", "zh or en; default: what LANG says, else zh")
	f.StringVar(&c.color, "color", "auto", "auto, always or never; auto heeds NO_COLOR and the terminal")
	f.StringVar(&c.cache, "cache", "auto", "folder to keep results in for the next run; auto is the user's cache folder, off is none")
	f.BoolVar(&c.verbose, "verbose", false, "say all notes and reasons")
	f.BoolVar(&c.watch, "watch", false, "check again whenever a file changes, until interrupted")
	dirs, err := mixed(f, args)
	if err != nil {
		return err
	}
	if len(dirs) != 1 {
		f.Usage()
		return fmt.Errorf("clew check takes one folder, not %d", len(dirs))
	}
	c.dir = dirs[0]
	switch {
	case !slices.Contains([]string{"text", "json", "sarif", "github"}, c.format):
		return fmt.Errorf("there is no format %q; there are text, json, sarif and github", c.format)
	case !slices.Contains([]string{"", "platform", "strict"}, c.reading):
		return fmt.Errorf("there is no reading %q; there are platform and strict", c.reading)
	case c.watch && c.format != "text":
		return errors.New("--watch prints text; leave out --format")
	}
	if c.watch {
		return c.again(ctx, w)
	}
	return c.once(ctx, w, w.stdout)
}

// mixed parses flags that stand before, between and after the words, and gives the
// words.
func mixed(f interface {
	Parse([]string) error
	Args() []string
}, args []string,
) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); err != nil {
			if strings.Contains(err.Error(), "help requested") {
				return nil, err
			}
			return nil, errUsage
		}
		left := f.Args()
		if len(left) == 0 {
			return rest, nil
		}
		if len(args) > len(left) && args[len(args)-len(left)-1] == "--" {
			return append(rest, left...), nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}

// language is what a person reads here.
func language(w world, asked string) words.Lang {
	if asked != "" {
		return words.Parse(asked)
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := w.getenv(name); v != "" && v != "C" && v != "POSIX" && !strings.HasPrefix(v, "C.") {
			return words.Parse(strings.ReplaceAll(strings.SplitN(v, ".", 2)[0], "_", "-"))
		}
	}
	return words.ZH
}

// options reads what the project decided.
func (c *checking) options(fsys fs.FS) (check.Options, error) {
	o := check.Options{Reading: rule.Reading(c.reading), Version: version, Engine: engine(), Texts: map[string][]byte{}}
	s, err := settings.Load(fsys, rule.IDs())
	if err != nil {
		return o, err
	}
	o.Settings = s
	var file fs.File
	name := c.baseline
	switch {
	case c.writeBaseline != "": // what is there now is what counts
		return o, nil
	case name != "":
		file, err = os.Open(name) // #nosec G304 -- named on the command line
	case s.Baseline != "":
		name = s.Baseline
		file, err = fsys.Open(name)
	}
	if err != nil {
		return o, fmt.Errorf("the baseline: %w", err)
	}
	if file != nil {
		defer func() { _ = file.Close() }()
		o.Baseline, err = settings.ReadBaseline(name, file)
	}
	return o, err
}

// once checks and prints.
func (c *checking) once(ctx context.Context, w world, out io.Writer) error {
	lang := language(w, c.lang)
	if info, err := os.Stat(c.dir); err != nil {
		return err
	} else if !info.IsDir() {
		return fmt.Errorf("%s is a file; name the folder of the project", c.dir)
	}
	fsys := os.DirFS(c.dir)
	o, err := c.options(fsys)
	if err != nil {
		return inWords(err, lang)
	}
	o.Cache = c.cacheFile(w)
	tty := terminal(w.stderr)
	if tty && c.format == "text" {
		o.Progress = func(done, of int) {
			if done%16 == 0 || done == of {
				_, _ = fmt.Fprintf(w.stderr, "\r\x1b[K%s", words.T(lang, "check.progress", "done", fmt.Sprint(done), "of", fmt.Sprint(of)))
			}
		}
	}
	if w.getenv("GOGC") == "" && w.getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		o.Between = new(memory).see
	}
	r, err := check.Run(ctx, fsys, o)
	if tty && c.format == "text" {
		_, _ = fmt.Fprint(w.stderr, "\r\x1b[K")
	}
	if err != nil {
		return err
	}
	r.Root = c.dir
	if c.writeBaseline != "" {
		var b bytes.Buffer
		if err := settings.WriteBaseline(&b, r); err != nil {
			return err
		}
		return os.WriteFile(c.writeBaseline, b.Bytes(), 0o644) // #nosec G306 -- it belongs into the repository
	}
	if err := c.print(w, out, r, lang, o.Texts); err != nil {
		return err
	}
	switch {
	case r.Count(finding.Violation) > 0:
		return errFound
	case !r.Whole():
		return errPartly
	}
	return nil
}

func (c *checking) print(w world, out io.Writer, r *finding.Report, lang words.Lang, texts map[string][]byte) error {
	source := func(file string) ([]byte, bool) { b, ok := texts[file]; return b, ok }
	switch c.format {
	case "json":
		return report.JSON(out, r)
	case "sarif":
		return sarif.Write(out, r, sarif.Options{Lang: lang, Source: source})
	case "github":
		return report.GitHub(out, r, lang)
	}
	color := c.color == "always" || c.color == "auto" && w.getenv("NO_COLOR") == "" && w.getenv("TERM") != "dumb" && terminal(out)
	return report.Text(out, r, report.TextOptions{Lang: lang, Color: color, Width: 100, Source: source, Verbose: c.verbose})
}

// cacheFile is where results are kept for the next run; "" is nowhere.
func (c *checking) cacheFile(w world) string {
	dir := c.cache
	switch dir {
	case "off":
		return ""
	case "auto":
		base, err := os.UserCacheDir()
		if err != nil || w.getenv("CI") != "" {
			return ""
		}
		dir = filepath.Join(base, "clew", "check")
	}
	abs, err := filepath.Abs(c.dir)
	if err != nil {
		return ""
	}
	return filepath.Join(dir, check.CacheName(abs))
}

// engine names this very program: what another build found is not taken over.
func engine() string {
	name, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(name)
	if err != nil {
		return ""
	}
	return fmt.Sprint(version, " ", info.Size(), " ", info.ModTime().UnixNano())
}

func terminal(w any) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// inWords is an error in the reader's language where it knows how.
func inWords(err error, lang words.Lang) error {
	var e *settings.Error
	if errors.As(err, &e) {
		return errors.New(e.In(lang))
	}
	return err
}

func runExplain(_ context.Context, w world, args []string) error {
	f := flags(w, "explain")
	lang := f.String("lang", "", "zh or en")
	ids, err := mixed(f, args)
	if err != nil {
		return err
	}
	l := language(w, *lang)
	if len(ids) == 0 {
		for _, r := range rule.All() {
			_, _ = fmt.Fprintf(w.stdout, "%-18s %-16s %s\n", r.ID, r.Clause, r.Title[l])
		}
		return nil
	}
	r, ok := rule.ByID(ids[0])
	if !ok {
		return fmt.Errorf("there is no rule %q; clew explain lists them", ids[0])
	}
	_, err = io.WriteString(w.stdout, r.Explain(l))
	return err
}

func runLSP(ctx context.Context, w world, args []string) error {
	f := flags(w, "lsp")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	e := editing{}
	return lsp.Serve(ctx, w.stdin, w.stdout, lsp.Options{Version: version, Run: e.check})
}

// editing is the folders that an editor has open, with what was found in them.
type editing struct {
	mu      sync.Mutex
	results map[string]*check.Results // by folder
}

// check judges a folder as the editor shows it. What earlier checks found holds where
// all that it rests on is the same.
func (e *editing) check(ctx context.Context, root string, overlay map[string][]byte) (*finding.Report, error) {
	c := checking{dir: root}
	fsys := lsp.Overlay(os.DirFS(root), overlay)
	o, err := c.options(fsys)
	if err != nil {
		return nil, err
	}
	o.Results = e.of(root)
	return check.Run(ctx, fsys, o)
}

func (e *editing) of(root string) *check.Results {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.results == nil {
		e.results = map[string]*check.Results{}
	}
	if e.results[root] == nil {
		e.results[root] = new(check.Results)
	}
	return e.results[root]
}
