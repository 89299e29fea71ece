package markup

import (
	"iter"
	"strings"
)

// Block is a part of a file that is written in a language of its own: the template,
// script, style and custom blocks of a component, the scripts of a page, the wxs of
// a mini-program.
type Block struct {
	Name    string // template, script, style, wxs, …; lower-case
	Node    *Node
	Content Span   // between its tags; empty where Src points elsewhere
	Lang    string // as written: ts, scss, pug; "" is the file type's own language
	Src     string // the file that holds it instead
	Type    string // of an HTML script, as module or application/json
	Setup   bool   // <script setup>
	Module  string // the name under which a wxs script is known to the template
	// Unsupported: a template in a language that is not read (pug); its Node has
	// no children.
	Unsupported bool
}

// Blocks is the blocks of d: of a component those at the top, of anything else its
// scripts and styles wherever they stand.
func (d *Doc) Blocks() iter.Seq[Block] {
	return func(yield func(Block) bool) {
		nodes := d.Elements()
		if d.Dialect == Component {
			nodes = elements(d.Top())
		}
		for n := range nodes {
			name := strings.ToLower(n.Name)
			switch name {
			case "script", "style":
			case "wxs", "sjs", "qs", "filter", "import-sjs":
				if d.Dialect != Mini {
					continue
				}
			default:
				if d.Dialect != Component {
					continue
				}
			}
			b := Block{Name: name, Node: n, Content: n.Inner()}
			if b.Name == "import-sjs" {
				b.Name = "sjs"
			}
			b.Lang, _ = n.Static("lang")
			b.Type, _ = n.Static("type")
			if b.Src, _ = n.Static("src"); b.Src == "" {
				b.Src, _ = n.Static("from")
			}
			if b.Module, _ = n.Static("module"); b.Module == "" && d.Dialect == Mini {
				b.Module, _ = n.Static("name")
			}
			b.Setup = n.Attr("setup") != nil
			b.Unsupported = name == "template" && b.Lang != "" && b.Lang != "html"
			if !yield(b) {
				return
			}
		}
	}
}

// IsScript reports whether a block holds program code: not data, not a template
// inside a script tag.
func (b Block) IsScript() bool {
	switch b.Name {
	case "wxs", "sjs", "qs", "filter":
		return true
	case "script":
	default:
		return false
	}
	switch strings.ToLower(strings.TrimSpace(b.Type)) {
	case "", "module", "text/javascript", "application/javascript", "application/ecmascript", "text/ecmascript", "text/babel", "text/jsx",
		"text/typescript", "application/x-javascript":
		return true
	}
	return false
}
