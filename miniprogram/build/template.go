package main

import (
	"fmt"
	"regexp"
	"strings"
)

// platform is how one of them spells what they all have.
type platform struct {
	name string
	// title is what people call it, in Chinese and in English.
	titleZH, titleEN string
	// markup and style are the ends of file names.
	markup, style string
	// directive stands before "if", "for" and "key".
	directive string
	// entry is the file of src that registers the component.
	entry string
	// global is the object that holds the platform's functions.
	global string
}

var platforms = []platform{
	{"douyin", "抖音", "Douyin", "ttml", "ttss", "tt:", "index.wx.ts", "tt"},
	{"wechat", "微信", "WeChat", "wxml", "wxss", "wx:", "index.wx.ts", "wx"},
	{"alipay", "支付宝", "Alipay", "axml", "acss", "a:", "index.my.ts", "my"},
}

// words are the texts by key and language.
type words map[string]map[string]string

// translate writes the template for one platform. What the source may hold:
//
//	:if :elif :else :for="{{x in list}}" :key     directives
//	@tap="f"  @touch-move.stop="f"                events, the second kept from what lies outside
//	douyin:name="…"                               an attribute for one platform
//	<only on="douyin wechat">…</only>             elements for some
//	role="…"                                      as the platform spells it
//	w.key  w.key(n=expr)                          a word in both languages, inside {{ }}
//
// Comments are left out. An error names the line.
func translate(source string, p platform, w words) (string, error) {
	var out strings.Builder
	var skip []bool // one per open <only>: whether it is for another platform
	skipping := func() bool {
		for _, s := range skip {
			if s {
				return true
			}
		}
		return false
	}
	line := func(at int) int { return 1 + strings.Count(source[:at], "\n") }
	for at := 0; at < len(source); {
		if strings.HasPrefix(source[at:], "<!--") {
			end := strings.Index(source[at:], "-->")
			if end < 0 {
				return "", fmt.Errorf("line %d: the comment has no end", line(at))
			}
			at += end + len("-->")
			for at < len(source) && source[at] == '\n' {
				at++
			}
			continue
		}
		end := strings.IndexByte(source[at+1:], '<')
		if source[at] == '<' {
			end = tagEnd(source[at:])
			if end < 0 {
				return "", fmt.Errorf("line %d: the tag has no end", line(at))
			}
		} else if end < 0 {
			end = len(source) - at
		} else {
			end++
		}
		piece := source[at : at+end]
		text, err := piece, error(nil)
		switch {
		case strings.HasPrefix(piece, "<only "):
			on := regexp.MustCompile(`^<only on="([a-z ]+)">$`).FindStringSubmatch(piece)
			if on == nil {
				return "", fmt.Errorf("line %d: want <only on=\"PLATFORM …\">, not %s", line(at), piece)
			}
			skip = append(skip, !strings.Contains(" "+on[1]+" ", " "+p.name+" "))
			text = ""
		case piece == "</only>":
			if len(skip) == 0 {
				return "", fmt.Errorf("line %d: </only> without its beginning", line(at))
			}
			skip, text = skip[:len(skip)-1], ""
		case strings.HasPrefix(piece, "</"):
		case strings.HasPrefix(piece, "<"):
			text, err = p.tag(piece, w)
		default:
			text, err = fill(piece, w)
		}
		if err != nil {
			return "", fmt.Errorf("line %d: %w", line(at), err)
		}
		if !skipping() {
			out.WriteString(text)
		}
		at += end
	}
	if len(skip) > 0 {
		return "", fmt.Errorf("line %d: <only> has no end", line(len(source)))
	}
	return blank.ReplaceAllString(out.String(), "\n"), nil
}

// blank is what a left-out element leaves: lines with nothing on them.
var blank = regexp.MustCompile(`\n(?:[ \t]*\n)+`)

// tagEnd is the length of the tag s begins with, or -1. A > within quotes ends nothing.
func tagEnd(s string) int {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == '>' && !quoted:
			return i + 1
		}
	}
	return -1
}

var (
	tagShape  = regexp.MustCompile(`^<([a-z][a-z-]*)((?:\s+[^\s"=/>]+(?:="[^"]*")?)*)\s*(/?)>$`)
	attribute = regexp.MustCompile(`([^\s"=]+)(?:="([^"]*)")?`)
	loop      = regexp.MustCompile(`^\{\{(\w+) in ([\w.]+)\}\}$`)
)

// tag writes one opening tag.
func (p platform) tag(piece string, w words) (string, error) {
	m := tagShape.FindStringSubmatch(piece)
	if m == nil {
		return "", fmt.Errorf("cannot read the tag %s", piece)
	}
	var out strings.Builder
	out.WriteString("<" + m[1])
	for _, a := range attribute.FindAllStringSubmatch(m[2], -1) {
		name, value := a[1], a[2]
		bare := !strings.Contains(a[0], "=")
		if only, rest, ok := strings.Cut(name, ":"); ok && only != "" {
			if only != p.name {
				continue
			}
			name = rest
		}
		if name == ":for" {
			l := loop.FindStringSubmatch(value)
			if l == nil {
				return "", fmt.Errorf("want :for=\"{{item in list}}\", not %s", value)
			}
			fmt.Fprintf(&out, ` %sfor="{{%s}}" %sfor-item="%s"`, p.directive, l[2], p.directive, l[1])
			continue
		}
		value, err := fill(value, w)
		if err != nil {
			return "", err
		}
		name = p.attribute(m[1], name)
		if bare {
			out.WriteString(" " + name)
		} else {
			fmt.Fprintf(&out, ` %s="%s"`, name, value)
		}
	}
	if m[3] != "" {
		out.WriteString(" /")
	}
	return out.String() + ">", nil
}

// attribute is how the platform spells the name of an attribute of tag.
func (p platform) attribute(tag, name string) string {
	camel := func(s string) string {
		parts := strings.Split(s, "-")
		for i := 1; i < len(parts); i++ {
			parts[i] = strings.ToUpper(parts[i][:1]) + parts[i][1:]
		}
		return strings.Join(parts, "")
	}
	switch {
	case strings.HasPrefix(name, ":"):
		return p.directive + name[1:]
	case strings.HasPrefix(name, "@"):
		event, stop := strings.CutSuffix(name[1:], ".stop")
		if p.name != "alipay" {
			event = strings.ReplaceAll(event, "-", "")
		} else {
			event = camel(event)
			event = strings.ToUpper(event[:1]) + event[1:]
			return map[bool]string{false: "on", true: "catch"}[stop] + event
		}
		return map[bool]string{false: "bind", true: "catch"}[stop] + event
	case name == "role" && p.name != "alipay":
		return "aria-role"
	case p.name == "alipay" && tag == "clew-lead":
		// A property's name is taken as it is written.
		return camel(name)
	}
	return name
}

var (
	expression = regexp.MustCompile(`\{\{.*?\}\}`)
	word       = regexp.MustCompile(`\bw\.([a-z_]+)(?:\(([a-z]+)=([\w.]+)\))?`)
)

// fill puts the words into the expressions of text: both languages stand in the
// template, where whoever reviews the app can read them.
func fill(text string, w words) (string, error) {
	var failed error
	filled := expression.ReplaceAllStringFunc(text, func(e string) string {
		alone := word.FindString(e) == strings.Trim(e, "{} ")
		return word.ReplaceAllStringFunc(e, func(use string) string {
			m := word.FindStringSubmatch(use)
			by, ok := w[m[1]]
			if !ok {
				failed = fmt.Errorf("there is no word %q", m[1])
				return use
			}
			in := func(lang string) string {
				t := by[lang]
				hole := "{" + m[2] + "}"
				if m[2] != "" {
					t = strings.Replace(t, hole, "\x00", 1)
				}
				if strings.ContainsAny(t, "'\"\\{}<>") || t == "" {
					failed = fmt.Errorf("word %q in %s cannot stand in a template: %s", m[1], lang, by[lang])
				}
				before, after, cut := strings.Cut(t, "\x00")
				parts := []string{}
				if before != "" {
					parts = append(parts, "'"+before+"'")
				}
				if cut {
					parts = append(parts, m[3])
				}
				if after != "" {
					parts = append(parts, "'"+after+"'")
				}
				return strings.Join(parts, " + ")
			}
			choice := "zh ? " + in("zh") + " : " + in("en")
			if alone {
				return choice
			}
			return "(" + choice + ")"
		})
	})
	return filled, failed
}
