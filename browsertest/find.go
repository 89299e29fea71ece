package browsertest

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
)

// pause lies between two looks at a page that is not yet what a test waits for.
const pause = 25 * time.Millisecond

// group names the page's handles to nodes, so that one command lets go of them.
const group = "browsertest"

// Until waits until is answers true; what says what was waited for.
func (p *Page) Until(what string, is func() bool) {
	p.t.Helper()
	for end := time.Now().Add(Patience); !is(); time.Sleep(pause) {
		if time.Now().After(end) {
			p.t.Fatalf("browser: waited %v for %s; the page is:\n%s", Patience, what, p.Tree())
		}
	}
}

// See waits until the visible text of the page, shadow roots included, or an
// accessible name contains text.
func (p *Page) See(text string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("the text %q", text), func() bool { return p.Sees(text) })
}

// Sees tells whether See would return at once.
func (p *Page) Sees(text string) bool {
	p.t.Helper()
	return strings.Contains(p.Tree(), text)
}

// Gone waits until no visible element is at the locator.
func (p *Page) Gone(at string) {
	p.t.Helper()
	p.Until("no "+at, func() bool { return p.Count(at) == 0 })
}

// Count is the number of visible elements at the locator, now.
func (p *Page) Count(at string) int {
	p.t.Helper()
	defer p.release()
	return len(p.all(at))
}

// Text is the rendered text of the element at the locator.
func (p *Page) Text(at string) string {
	p.t.Helper()
	return On[string](p, at, "function() { return this.innerText }")
}

// Value is the value of the input at the locator.
func (p *Page) Value(at string) string {
	p.t.Helper()
	return On[string](p, at, "function() { return this.value }")
}

// Attr is an attribute of the element at the locator, "" if it has none.
func (p *Page) Attr(at, name string) string {
	p.t.Helper()
	return On[string](p, at, fmt.Sprintf("function() { return this.getAttribute(%q) ?? '' }", name))
}

// On calls a JavaScript function with the element at the locator as this, and
// gives what it returns; a promise is awaited.
func On[T any](p *Page, at, function string) T {
	p.t.Helper()
	defer p.release()
	got := call(p, "call on "+at, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: function, ObjectID: p.one(at), ReturnByValue: new(true), AwaitPromise: new(true),
	})
	return decode[T](p, got.Result, got.ExceptionDetails)
}

// Focus is the role and name of what has the keyboard focus, "@button 提交" say,
// inside shadow roots too; "" when nothing has.
func (p *Page) Focus() string {
	p.t.Helper()
	for _, n := range p.nodes() {
		if role := axText(n.Role); role != "RootWebArea" && focused(n) {
			return "@" + role + " " + axText(n.Name)
		}
	}
	return ""
}

// FocusAt waits until the keyboard focus is at the given role and name, exactly as
// [Page.Focus] gives them.
func (p *Page) FocusAt(at string) {
	p.t.Helper()
	p.Until("the focus at "+at+" (it is at the place named focused below)", func() bool { return p.Focus() == at })
}

// Tree is the accessibility tree of the page as text, one node a line: what a
// screen reader would go through.
func (p *Page) Tree() string {
	p.t.Helper()
	nodes := p.nodes()
	byID := make(map[accessibility.NodeID]*accessibility.Node, len(nodes))
	for _, n := range nodes {
		byID[n.NodeID] = n
	}
	var b strings.Builder
	var walk func(n *accessibility.Node, depth int)
	walk = func(n *accessibility.Node, depth int) {
		role := axText(n.Role)
		if role == "InlineTextBox" {
			return
		}
		if !n.Ignored && role != "generic" && role != "none" {
			fmt.Fprintf(&b, "%s%s %q", strings.Repeat("  ", depth), role, axText(n.Name))
			if v := axText(n.Value); v != "" {
				fmt.Fprintf(&b, " = %q", v)
			}
			if d := axText(n.Description); d != "" {
				fmt.Fprintf(&b, " (%s)", d)
			}
			if focused(n) {
				b.WriteString(" focused")
			}
			b.WriteByte('\n')
			depth++
		}
		for _, id := range n.ChildIDs {
			if child := byID[id]; child != nil {
				walk(child, depth)
			}
		}
	}
	for _, n := range nodes {
		if n.ParentID == "" {
			walk(n, 0)
		}
	}
	return b.String()
}

func (p *Page) nodes() []*accessibility.Node {
	p.t.Helper()
	return call(p, "read the accessibility tree", accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{}).Nodes
}

// one waits for a visible element at the locator.
func (p *Page) one(at string) runtime.RemoteObjectID {
	p.t.Helper()
	var found []runtime.RemoteObjectID
	p.Until(at, func() bool { found = p.all(at); return len(found) > 0 })
	return found[0]
}

// all is every visible element at the locator, now. A page that is navigating
// away answers with errors for a moment; they count as nothing found.
func (p *Page) all(at string) []runtime.RemoteObjectID {
	document, err := ask(p, runtime.Evaluate, runtime.EvaluateParams{Expression: "document", ObjectGroup: group})
	if err != nil || document.Result == nil || document.Result.ObjectID == "" {
		return nil
	}
	var candidates []runtime.RemoteObjectID
	if role, ok := strings.CutPrefix(at, "@"); ok {
		candidates = p.byRole(document.Result.ObjectID, role)
	} else {
		candidates = p.byCSS(document.Result.ObjectID, at)
	}
	var seen []runtime.RemoteObjectID
	for _, id := range candidates {
		got, err := ask(p, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
			FunctionDeclaration: `function() { return this.isConnected && this.checkVisibility({visibilityProperty: true}) && this.getClientRects().length > 0 }`,
			ObjectID:            id, ReturnByValue: new(true),
		})
		if err == nil && got.Result != nil && string(got.Result.Value) == "true" {
			seen = append(seen, id)
		}
	}
	return seen
}

func (p *Page) byRole(document runtime.RemoteObjectID, at string) []runtime.RemoteObjectID {
	role, name, _ := strings.Cut(at, " ")
	got, err := ask(p, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: document, Role: role})
	if err != nil {
		return nil
	}
	var exact, part []runtime.RemoteObjectID
	for _, n := range got.Nodes {
		has := axText(n.Name)
		if n.Ignored || !strings.Contains(has, name) {
			continue
		}
		object, err := ask(p, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: n.BackendDOMNodeID, ObjectGroup: group})
		if err != nil {
			continue
		}
		if has == name {
			exact = append(exact, object.Object.ObjectID)
		} else {
			part = append(part, object.Object.ObjectID)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return part
}

func (p *Page) byCSS(document runtime.RemoteObjectID, selector string) []runtime.RemoteObjectID {
	tree, err := ask(p, dom.DescribeNode, dom.DescribeNodeParams{ObjectID: document, Depth: new(int64(-1)), Pierce: new(true)})
	if err != nil {
		return nil
	}
	roots := []runtime.RemoteObjectID{document}
	var walk func(n *cdp.Node)
	walk = func(n *cdp.Node) {
		for _, shadow := range n.ShadowRoots {
			// The browser's own shadow roots, inside inputs say, are not the page's.
			if shadow.ShadowRootType != cdp.ShadowRootTypeUserAgent {
				if object, err := ask(p, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: shadow.BackendNodeID, ObjectGroup: group}); err == nil {
					roots = append(roots, object.Object.ObjectID)
				}
			}
			walk(shadow)
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(tree.Node)
	var found []runtime.RemoteObjectID
	for _, root := range roots {
		for i := 0; ; i++ {
			got, err := ask(p, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
				FunctionDeclaration: fmt.Sprintf("function() { return this.querySelectorAll(%q)[%d] }", selector, i),
				ObjectID:            root, ObjectGroup: group,
			})
			if err != nil {
				break
			}
			if got.ExceptionDetails != nil {
				p.t.Fatalf("browser: locator %q: %s", selector, got.ExceptionDetails.Exception.Description)
			}
			if got.Result.ObjectID == "" {
				break
			}
			found = append(found, got.Result.ObjectID)
		}
	}
	return found
}

// release lets go of the handles that finding made.
func (p *Page) release() {
	_, _ = ask(p, runtime.ReleaseObjectGroup, runtime.ReleaseObjectGroupParams{ObjectGroup: group})
}

func focused(n *accessibility.Node) bool {
	for _, property := range n.Properties {
		if property.Name == "focused" {
			return string(property.Value.Value) == "true"
		}
	}
	return false
}

func axText(v *accessibility.Value) string {
	if v == nil || len(v.Value) == 0 {
		return ""
	}
	var text string
	if json.Unmarshal(v.Value, &text) != nil {
		return string(v.Value)
	}
	return text
}

func decode[T any](p *Page, object *runtime.RemoteObject, exception *runtime.ExceptionDetails) T {
	p.t.Helper()
	var value T
	if exception != nil {
		what := exception.Text
		if exception.Exception != nil {
			what = exception.Exception.Description
		}
		p.t.Fatalf("browser: script failed: %s", what)
	}
	if object != nil && len(object.Value) > 0 {
		p.must("decode a script's value", json.Unmarshal(object.Value, &value))
	}
	return value
}
