package markup

import "strings"

// SameName reports whether two names are the same in the spellings that the
// dialects use for one attribute: open-type, openType, opentype.
func SameName(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && a[i] == '-' {
			i++
		}
		for j < len(b) && b[j] == '-' {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if low(a[i]) != low(b[j]) {
			return false
		}
		i++
		j++
	}
}

func low(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// Fold is the one spelling of a name in which [SameName] holds exactly.
func Fold(name string) string {
	for i := range len(name) {
		if c := name[i]; c == '-' || c != low(c) {
			return strings.ToLower(strings.ReplaceAll(name, "-", ""))
		}
	}
	return name
}

// Plain is the attribute's name without the marks of a binding and without
// modifiers: "open-type" for :open-type, v-bind:open-type and .open-type.sync.
func (a *Attr) Plain() string {
	name := a.Name
	switch {
	case strings.HasPrefix(name, "v-bind:"):
		name = name[len("v-bind:"):]
	case strings.HasPrefix(name, ":") || strings.HasPrefix(name, "."):
		name = name[1:]
	case strings.HasPrefix(name, "model:"): // two-way binding of mini-programs
		return name[len("model:"):]
	default:
		return name
	}
	name, _, _ = strings.Cut(name, ".")
	return name
}

// platformMarks begin the directives of mini-programs, as in tt:if.
var platformMarks = map[string]bool{
	"wx": true, "tt": true, "a": true, "ks": true, "qq": true, "dd": true, "my": true, "jd": true, "xhs": true, "swan": true, "ma": true, "ft": true, "bili": true,
}

// directive is what a directive's name says in one spelling: if, elif, else, for,
// foritem, forindex, key, show, model, …; "" for a plain attribute.
func (a *Attr) directive() string {
	name := a.Name
	if strings.HasPrefix(name, "v-") {
		name, _, _ = strings.Cut(name[2:], ":")
		name, _, _ = strings.Cut(name, ".")
		if name == "else-if" {
			return "elif"
		}
		return name
	}
	if strings.HasPrefix(name, "s-") {
		name = name[2:]
	} else if mark, rest, ok := strings.Cut(name, ":"); ok && platformMarks[mark] {
		name = rest
	} else {
		return ""
	}
	if name = Fold(name); name == "elseif" {
		return "elif"
	}
	return name
}

// use says which attributes hold script as a whole, by their names.
func (a *Attr) use() (u Use, ok bool) {
	name := a.Name
	if name == "" {
		return 0, false
	}
	switch name[0] {
	case ':', '.':
		return BoundAttr, len(name) > 1
	case '@':
		return EventAttr, len(name) > 1
	case '#':
		return ScopeAttr, len(name) > 1
	case 'v':
		if !strings.HasPrefix(name, "v-") {
			return 0, false
		}
		switch a.directive() {
		case "on":
			return EventAttr, true
		case "for":
			return LoopAttr, true
		case "slot":
			return ScopeAttr, true
		case "else", "pre", "once", "cloak":
			return 0, false
		}
		return BoundAttr, true
	case 's':
		if strings.HasPrefix(name, "s-") && !strings.Contains(a.Value, "{{") {
			switch a.directive() {
			case "if", "elif":
				return BoundAttr, true
			case "for":
				return LoopAttr, true
			}
		}
		return ScopeAttr, name == "slot-scope"
	case 'o':
		return EventAttr, domEvents[name]
	}
	return 0, false
}

// domEvents is the handlers that HTML writes as statements.
var domEvents = map[string]bool{
	"onclick": true, "ondblclick": true, "onsubmit": true, "onreset": true, "onchange": true, "oninput": true, "oninvalid": true, "onfocus": true,
	"onblur": true, "onload": true, "onpageshow": true, "onbeforeunload": true, "onunload": true, "onerror": true, "onscroll": true,
	"ontouchstart": true, "ontouchmove": true, "ontouchend": true, "onmousedown": true, "onmouseup": true, "onmouseover": true, "onmouseenter": true,
	"onmouseleave": true, "onpointerdown": true, "onpointerup": true, "onkeydown": true, "onkeyup": true, "onkeypress": true,
}

// eventName is the one spelling of an event: folded, and a click is a tap.
func eventName(raw string) string {
	switch name := Fold(raw); name {
	case "click":
		return "tap"
	case "longclick":
		return "longtap"
	default:
		return name
	}
}

// event takes an attribute's name apart if it names a handler.
func (a *Attr) event() (name string, modifiers []string, ok bool) {
	raw := a.Name
	rest, isVue := strings.CutPrefix(raw, "@")
	if !isVue {
		rest, isVue = strings.CutPrefix(raw, "v-on:")
	}
	if isVue {
		if rest == "" {
			return "", nil, false
		}
		list := strings.Split(rest, ".")
		return eventName(list[0]), list[1:], true
	}
	if domEvents[raw] {
		return eventName(raw[2:]), nil, true
	}
	for _, p := range eventPrefixes {
		rest, found := strings.CutPrefix(raw, p.prefix)
		if !found {
			continue
		}
		after, colon := strings.CutPrefix(rest, ":")
		switch {
		case after == "" || !letter(after[0]):
			return "", nil, false
		case p.camel && !colon && low(after[0]) == after[0]:
			return "", nil, false // once, only, online
		case p.prefix == "bind" && (after == "ing" || after == "ings"):
			return "", nil, false
		}
		return eventName(after), p.modifiers, true
	}
	return "", nil, false
}

var eventPrefixes = []struct {
	prefix    string
	camel     bool // a capital letter must follow
	modifiers []string
}{
	{"capture-bind", false, []string{"capture"}},
	{"capture-catch", false, []string{"capture", "catch"}},
	{"mut-bind", false, []string{"mut"}},
	{"bind", false, nil},
	{"catch", false, []string{"catch"}},
	{"captureCatch", true, []string{"capture", "catch"}},
	{"capture", true, []string{"capture"}},
	{"on", true, nil},
}
