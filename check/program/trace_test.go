package program

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"clew/check/code"
	"clew/check/source"

	"golang.org/x/tools/txtar"
)

// TestTraces reads the projects in testdata. A project's comment says what its pages
// do, line by line, after a line "page NAME [PLATFORM]" for each. The lines are those
// of [says], all of them, in any order. Other lines:
//
//	# …           for people
//	like KIND     which of the skeletons lies around the files, see skeleton
//	gap: LINE     what should be said and is not yet: the test fails once it is
//
// To see what a page says: go test ./check/program -run TestTraces/NAME -v.
func TestTraces(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) < 28 {
		t.Fatal(len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			traces(t, txtar.Parse(b))
		})
	}
}

// expected is what a page must say, and what it should and does not.
type expected struct {
	page, platform string
	lines, gaps    []string
}

func traces(t *testing.T, archive *txtar.Archive) {
	t.Helper()
	kind := "native"
	var pages []*expected
	for _, line := range strings.Split(string(archive.Comment), "\n") {
		line = strings.TrimSpace(line)
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case line == "" || word == "#":
		case word == "like":
			kind = rest
		case word == "page":
			e := &expected{}
			e.page, e.platform, _ = strings.Cut(rest, " ")
			pages = append(pages, e)
		case word == "gap:":
			e := pages[len(pages)-1]
			e.gaps = append(e.gaps, rest)
		default:
			e := pages[len(pages)-1]
			e.lines = append(e.lines, line)
		}
	}
	if len(pages) == 0 {
		t.Fatal("no page named")
	}
	project := open(t, archive, kind, pages[0].page)
	for _, e := range pages {
		pg := pageOf(t, project, e.page, e.platform)
		got := says(pg)
		if testing.Verbose() {
			t.Log(e.page + " says:\n" + strings.Join(got, "\n"))
		}
		for _, line := range got {
			if !slices.Contains(e.lines, line) {
				t.Errorf("%s says what it should not:\n%s", e.page, line)
			}
			if slices.Contains(e.gaps, line) {
				t.Errorf("%s says what was a gap; take the mark off:\n%s", e.page, line)
			}
		}
		for _, line := range e.lines {
			if !slices.Contains(got, line) {
				t.Errorf("%s does not say:\n%s", e.page, line)
			}
		}
	}
}

// skeletons is what lies around a test's own files, by kind; PAGE is the first page
// that the test names.
var skeletons = map[string]map[string]string{
	"native": {"app.json": `{"pages": ["PAGE"]}`, "project.config.json": `{"appid": "wx0000000000000000"}`},
	"douyin": {"app.json": `{"pages": ["PAGE"]}`, "project.config.json": `{"appid": "tt0000000000000000"}`},
	"uni2":   {"manifest.json": `{"mp-weixin": {"appid": "wx0000000000000000"}}`, "pages.json": `{"pages": [{"path": "PAGE"}]}`, "App.vue": `<script>export default {}</script>`},
	"uni3":   {"manifest.json": `{"vueVersion": "3", "mp-weixin": {"appid": "wx0000000000000000"}}`, "pages.json": `{"pages": [{"path": "PAGE"}]}`, "App.vue": `<script>export default {}</script>`},
	"taro": {
		"package.json":      `{"dependencies": {"@tarojs/taro": "3.6.0", "react": "18.0.0"}}`,
		"src/app.config.ts": `export default { pages: ['PAGE'] }`, "src/app.tsx": `export default function App(props) { return props.children }`,
	},
	"react": {"package.json": `{"dependencies": {"react": "18.0.0"}}`},
	"html":  {},
}

// open reads a test's project.
func open(t testing.TB, archive *txtar.Archive, kind, page string) *source.Project {
	t.Helper()
	around, ok := skeletons[kind]
	if !ok {
		t.Fatalf("no skeleton %q", kind)
	}
	has := map[string]bool{}
	for _, f := range archive.Files {
		has[f.Name] = true
	}
	all := *archive
	for name, text := range around {
		if !has[name] {
			all.Files = append(all.Files, txtar.File{Name: name, Data: []byte(strings.ReplaceAll(text, "PAGE", page))})
		}
	}
	fsys, err := txtar.FS(&all)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := source.Load(context.Background(), fsys, source.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Projects) != 1 {
		t.Fatalf("%d projects, want one", len(tree.Projects))
	}
	return tree.Projects[0]
}

// pageOf is the page whose file begins with a name.
func pageOf(t testing.TB, project *source.Project, name, platform string) *Page {
	t.Helper()
	target := source.Platform(platform)
	if list := project.Targets(); target == "" && len(list) > 0 {
		target = list[0]
	}
	p := New(project, target, Own{})
	for _, u := range project.Units {
		if f := u.Main().Path; strings.HasPrefix(f, name) || strings.HasPrefix(f, "src/"+name) {
			return p.Page(u)
		}
	}
	for _, u := range project.Units {
		t.Log(u.Kind, u.Main().Path)
	}
	t.Fatalf("no page %q", name)
	return nil
}

var kindNames = map[EffectKind]string{
	Set: "set", Dialog: "dialog", Open: "open", Toast: "toast", Navigate: "go", Back: "back", Exit: "exit", Request: "request", Store: "store",
	Load: "load", Forget: "forget", Login: "login", Profile: "profile", Phone: "phone", Pay: "pay", Emit: "emit", Outside: "outside",
}

var stepNames = map[StepKind]string{
	Enter: "", Calls: "", Callback: "callback ", Then: "then ", Timer: "timer ", Event: "event ", Watch: "watch ", Commit: "commit ", Shown: "shown ",
}

// says is all that a page does when it opens and when something on it is acted on,
// and which of its elements that have an id and conditions are to be seen before and
// after it opened. A line reads
//
//	step > step: KIND name[=value] ["text"] [after failing|acting] [in 500ms] [unsure] [quiet] [if A & not B]
//
// The first step is the entry; a handler's is the event with the element's name or id.
func says(pg *Page) []string {
	var list []string
	add := func(s string) {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	for _, e := range pg.Entries() {
		trace(pg.Trace(e), "", add)
	}
	for _, n := range pg.Nodes {
		if n.Text != nil {
			continue
		}
		name := n.Name
		if s, ok := n.Static("id"); ok {
			name += "#" + s
		}
		if n.Comp != nil { // run when the component says so
			continue
		}
		for _, e := range pg.Handlers(n) {
			trace(pg.Trace(e), e.Name+" "+name, add)
		}
		for i := range n.Events {
			if _, ok := pg.handler(n, &n.Events[i]); !ok && n.Comp == nil {
				add(n.Events[i].Name + " " + name + ": no handler")
			}
		}
		if _, ok := n.Static("id"); !ok {
			continue
		}
		if conds := n.Conditions(); len(conds) > 0 {
			first, _ := pg.p.Holds(conds, pg.p.Initially)
			then, _ := pg.p.Holds(conds, pg.p.After(pg.Opening().Effects, pg.p.Initially))
			add("see " + name + ": " + triNames[first] + ", then " + triNames[then])
		}
	}
	return list
}

var triNames = map[Tri]string{Maybe: "maybe", True: "yes", False: "no"}

func trace(tr *Trace, entry string, add func(string)) {
	for i := range tr.Effects {
		e := &tr.Effects[i]
		var b strings.Builder
		for i, s := range e.Path() {
			if i > 0 {
				b.WriteString(" > ")
			}
			b.WriteString(strings.TrimSpace(stepNames[s.Kind] + cmp.Or(map[bool]string{true: entry}[i == 0], s.Name)))
		}
		fmt.Fprintf(&b, ": %s %s", kindNames[e.Kind], e.Name)
		if e.Kind == Set && e.State != nil && e.State.Unit != nil && e.State.Unit != tr.Entry.Unit {
			fmt.Fprintf(&b, " of %s", strings.TrimSuffix(filepath.Base(nameOf(e.State.Unit)), filepath.Ext(nameOf(e.State.Unit))))
		}
		if e.Value != nil {
			fmt.Fprintf(&b, "=%s", e.Value)
		}
		if e.Kind == Emit && len(e.Args) > 0 {
			fmt.Fprintf(&b, "(%s)", e.Args[0])
		}
		if e.Text != "" {
			b.WriteString(" " + strconv.Quote(e.Text))
		}
		if e.Node != nil {
			b.WriteString(" of <" + e.Node.Name + ">")
		}
		switch e.After {
		case Failing:
			b.WriteString(" after failing")
		case Acting:
			b.WriteString(" after acting")
		}
		if e.Delay > 0 {
			fmt.Fprintf(&b, " in %gms", e.Delay)
		}
		if !e.Sure {
			b.WriteString(" unsure")
		}
		if e.Quiet {
			b.WriteString(" quiet")
		}
		b.WriteString(when(e.When))
		add(b.String())
	}
	if tr.Cut {
		add(tr.Entry.Name + ": cut")
	}
}

func nameOf(u *Unit) string {
	if u.Source.Script == nil && u.Source.Template == nil {
		return "store"
	}
	return u.Name()
}

// when is conditions, the outermost first.
func when(g *Given) string {
	var parts []string
	for ; g != nil; g = g.Up {
		s := g.Term.String()
		if g.Not {
			s = "not " + s
		}
		switch g.Kind {
		case code.Loop:
			s = "each"
		case code.Catch:
			s = "caught"
		}
		parts = append(parts, s)
	}
	if len(parts) == 0 {
		return ""
	}
	slices.Reverse(parts)
	return " if " + strings.Join(parts, " & ")
}
