package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"clew/check/report"
)

// checkReport says how fast clew check reads a tree. Times are seconds, medians of
// Runs; MB are 10^6 bytes.
type checkReport struct {
	Files    int        `json:"files"`
	Bytes    int64      `json:"bytes"`
	Projects int        `json:"projects"`
	Pages    int        `json:"pages"`
	Runs     []checkRun `json:"runs"`
	Cold     checkRun   `json:"cold"`    // the first run that keeps results
	Changed  string     `json:"changed"` // the file that was changed after it
	Again    checkRun   `json:"again"`   // the run after that change
	JSBytes  int64      `json:"js_bytes,omitempty"`
	Peers    []checkRun `json:"peers,omitempty"`
}

// checkRun is one child process.
type checkRun struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
	MB      float64 `json:"mb_per_second"`
	Peak    int64   `json:"peak_bytes"` // resident; at least what the parent held when it started the child
}

// peerRules is the three rules that both peers know, in ESLint's flat configuration.
const peerRules = `export default [{files: ["**/*.js"],
  languageOptions: {ecmaVersion: "latest", sourceType: "module"},
  rules: {"no-unused-vars": "error", "no-undef": "error", "eqeqeq": "error"}}];
`

func benchCheck(ctx context.Context, w world, args []string) (err error) {
	f := flags(w, "bench check")
	peers := f.String("peers", "", "folder in which scripts/bench-check-peers installed ESLint and oxlint; empty measures neither")
	runs := f.Int("runs", 3, "how often everything is run; medians count")
	reading := f.String("reading", "strict", "platform or strict")
	asJSON := f.Bool("json", false, "print the report as JSON")
	dirs, err := mixed(f, args)
	if err != nil {
		return err
	}
	if len(dirs) != 1 {
		f.Usage()
		return fmt.Errorf("clew bench check takes one folder, not %d", len(dirs))
	}
	if *runs < 1 {
		return errors.New("--runs is at least 1")
	}
	b := checkBench{reading: *reading}
	if *peers != "" {
		if b.peers, err = filepath.Abs(filepath.Join(*peers, "node_modules", ".bin")); err != nil {
			return err
		}
		for _, name := range []string{"eslint", "oxlint"} {
			if _, err := os.Stat(filepath.Join(b.peers, name)); err != nil {
				return fmt.Errorf("%w; scripts/bench-check-peers DIR installs it", err)
			}
		}
	}
	if b.dir, err = os.MkdirTemp("", "clew-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	r, err := b.measure(ctx, w.stderr, dirs[0], *runs)
	if err != nil {
		return err
	}
	if *asJSON {
		return json.NewEncoder(w.stdout).Encode(r)
	}
	r.print(w.stdout)
	return nil
}

// checkBench is a folder with a copy of the tree, and one of its .js files alone.
type checkBench struct {
	dir, peers, reading string
}

func (b *checkBench) measure(ctx context.Context, say io.Writer, from string, runs int) (r checkReport, err error) {
	tree, scripts := filepath.Join(b.dir, "tree"), filepath.Join(b.dir, "js")
	sources, err := copySources(from, tree, func(string) bool { return true })
	if err != nil {
		return r, err
	}
	r.Changed = sources.changeable[len(sources.changeable)/2]
	if b.peers != "" {
		js, err := copySources(from, scripts, func(name string) bool { return strings.HasSuffix(name, ".js") })
		if err != nil {
			return r, err
		}
		r.JSBytes = js.bytes
		if err := os.WriteFile(filepath.Join(b.dir, "eslint.config.mjs"), []byte(peerRules), 0o600); err != nil {
			return r, err
		}
	}
	var cold, again, eslint, oxlint []checkRun
	for i := range runs {
		_, _ = fmt.Fprintf(say, "run %d of %d\n", i+1, runs)
		one, err := b.clew(ctx, &r, tree, "off")
		if err != nil {
			return r, err
		}
		r.Runs = append(r.Runs, one)
		if b.peers != "" {
			one, err := b.child(ctx, scripts, "eslint", nil, filepath.Join(b.peers, "eslint"),
				"--config", filepath.Join(b.dir, "eslint.config.mjs"), "--no-inline-config", "--format", "json", ".")
			if err != nil {
				return r, err
			}
			eslint = append(eslint, one.per(r.JSBytes))
			one, err = b.child(ctx, scripts, "oxlint", nil, filepath.Join(b.peers, "oxlint"), "--threads", "1", "--no-ignore", "--format", "json",
				"-A", "all", "-D", "no-unused-vars", "-D", "no-undef", "-D", "eqeqeq", ".")
			if err != nil {
				return r, err
			}
			oxlint = append(oxlint, one.per(r.JSBytes))
		}
		kept := filepath.Join(b.dir, fmt.Sprint("cache", i))
		if one, err = b.clew(ctx, &r, tree, kept); err != nil {
			return r, err
		}
		cold = append(cold, one)
		if err := touch(filepath.Join(tree, r.Changed)); err != nil {
			return r, err
		}
		if one, err = b.clew(ctx, &r, tree, kept); err != nil {
			return r, err
		}
		again = append(again, one)
	}
	r.Cold, r.Again = middle(cold), middle(again)
	if b.peers != "" {
		r.Peers = []checkRun{middle(eslint), middle(oxlint)}
	}
	return r, nil
}

// clew checks the copy on one processor.
func (b *checkBench) clew(ctx context.Context, r *checkReport, tree, cache string) (checkRun, error) {
	exe, err := os.Executable()
	if err != nil {
		return checkRun{}, err
	}
	var out bytes.Buffer
	one, err := b.child(ctx, tree, "clew", &out, exe, "check", "--reading", b.reading, "--cache", cache, "--format", "json", ".")
	if err != nil {
		return one, err
	}
	found, err := report.ReadJSON(&out)
	if err != nil {
		return one, fmt.Errorf("clew check printed no report: %w", err)
	}
	r.Files, r.Bytes, r.Projects, r.Pages = found.Looked.Files, found.Looked.Bytes, found.Looked.Projects, found.Looked.Pages
	return one.per(r.Bytes), nil
}

// child runs a checker. That it found something is no failure.
func (b *checkBench) child(ctx context.Context, dir, name string, out io.Writer, exe string, args ...string) (checkRun, error) {
	cmd := exec.CommandContext(ctx, exe, args...) // #nosec G204 -- this program, or a linter from the folder named on the command line
	var errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, &errs
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	began := time.Now()
	err := cmd.Run()
	one := checkRun{Name: name, Seconds: time.Since(began).Seconds()}
	if s := cmd.ProcessState; s == nil || !s.Exited() || s.ExitCode() > 2 || s.ExitCode() == 2 && name != "clew" {
		return one, fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(errs.Bytes()))
	}
	if u, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		one.Peak = u.Maxrss * 1024
		if runtime.GOOS == "darwin" {
			one.Peak = u.Maxrss
		}
	}
	return one, nil
}

func (c checkRun) per(size int64) checkRun {
	c.MB = float64(size) / 1e6 / c.Seconds
	return c
}

// middle is the run of the median time.
func middle(runs []checkRun) checkRun {
	runs = slices.Clone(runs)
	slices.SortFunc(runs, func(a, b checkRun) int {
		switch {
		case a.Seconds < b.Seconds:
			return -1
		case a.Seconds > b.Seconds:
			return 1
		}
		return 0
	})
	return runs[len(runs)/2]
}

// copied is what a copy holds.
type copied struct {
	bytes      int64
	changeable []string // scripts and components, relative, in order of path
}

// copySources copies regular files; what a repository or a package manager keeps is
// left out, as every checker does.
func copySources(from, to string, want func(name string) bool) (c copied, err error) {
	err = filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || d.Name() == "node_modules" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		if !d.Type().IsRegular() || !want(name) {
			return nil
		}
		text, err := os.ReadFile(name) // #nosec G304 -- below the folder named on the command line
		if err != nil {
			return err
		}
		c.bytes += int64(len(text))
		if e := filepath.Ext(name); (e == ".js" || e == ".ts" || e == ".vue") && strings.Contains(filepath.ToSlash(rel), "pages/") {
			c.changeable = append(c.changeable, rel)
		}
		return os.WriteFile(filepath.Join(to, rel), text, 0o600) // #nosec G703 -- into a folder of our own
	})
	if err == nil && len(c.changeable) == 0 && want("") {
		err = fmt.Errorf("%s holds no page's script", from)
	}
	return c, err
}

// touch changes a file without changing what it does.
func touch(name string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0) // #nosec G304 -- in our copy
	if err != nil {
		return err
	}
	more := "\n// changed\n"
	if filepath.Ext(name) == ".vue" {
		more = "\n<!-- changed -->\n"
	}
	_, err = f.WriteString(more)
	return errors.Join(err, f.Close())
}

func (r checkReport) print(w io.Writer) {
	say := func(format string, a ...any) { _, _ = fmt.Fprintf(w, format, a...) }
	times := func(n int64) float64 { return float64(n) / float64(max(1, r.Bytes)) }
	say("%d projects, %d pages; %d files, %.1f MB of source; one processor\n\n", r.Projects, r.Pages, r.Files, float64(r.Bytes)/1e6)
	for i, one := range r.Runs {
		say("run %-2d             %8.2f s %9.3f MB/s   peak %.0f MB, %.1f× the source\n", i+1, one.Seconds, one.MB, float64(one.Peak)/1e6, times(one.Peak))
	}
	all := middle(r.Runs)
	say("median             %8.2f s %9.3f MB/s\n", all.Seconds, all.MB)
	say("keeping results    %8.2f s\n", r.Cold.Seconds)
	say("after one change   %8.2f s   %.1f %% of that (%s)\n", r.Again.Seconds, 100*r.Again.Seconds/r.Cold.Seconds, filepath.ToSlash(r.Changed))
	for _, p := range r.Peers {
		say("%-18s %8.2f s %9.3f MB/s   of %.1f MB in .js files; clew does %.4f times that rate\n", p.Name, p.Seconds, p.MB, float64(r.JSBytes)/1e6, all.MB/p.MB)
	}
}
