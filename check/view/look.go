package view

import (
	"slices"
	"strconv"
	"strings"

	"clew/check/code"
	"clew/check/source/markup"
)

// Look is how an element lies on the page, as far as styles say it.
type Look struct {
	Fixed, Absolute bool
	// Cover: it lies over the whole page.
	Cover bool
	// Hidden: nothing of it is seen as it stands, without the classes that may come.
	Hidden bool
	// Dim: what lies under it shines through a coloured ground.
	Dim    bool
	ZIndex int
	// Known: some sheet or the element itself says something of how it lies.
	Known bool
}

// Look is how the sheet lays an element; see [LookOf] for several sheets.
func (s *Sheet) Look(e *Element) Look { return LookOf(e, s) }

// LookOf is how sheets lay an element, together with its own style attribute. Later
// sheets win over earlier ones where their selectors weigh the same. Classes that
// may come count as there, but for Hidden.
func LookOf(e *Element, sheets ...*Sheet) Look {
	return paintOf(e, sheets).look()
}

// paint is the value of each property that was found, and how much it weighs.
type paint struct {
	value  map[string]string
	weight map[string]int64
	exprs  map[string][]*code.Value
	hidden bool // with the classes that are written only
}

func (p *paint) set(d declaration, weight int64) {
	if strings.Contains(d.value, "!important") {
		d.value = strings.TrimSpace(strings.ReplaceAll(d.value, "!important", ""))
		weight += 1 << 40
	}
	if p.value == nil {
		p.value, p.weight = map[string]string{}, map[string]int64{}
	}
	if old, ok := p.weight[d.property]; ok && old > weight {
		return
	}
	p.value[d.property], p.weight[d.property] = d.value, weight
	if len(d.exprs) > 0 {
		if p.exprs == nil {
			p.exprs = map[string][]*code.Value{}
		}
		p.exprs[d.property] = d.exprs
	}
}

func paintOf(e *Element, sheets []*Sheet) *paint {
	p := &paint{}
	if e == nil || e.Name == "" {
		return p
	}
	written, possible := e.Classes()
	all := append(written[:len(written):len(written)], possible...)
	id, _ := e.Static("id")
	for n, s := range sheets {
		if s == nil || len(s.rules) == 0 {
			continue
		}
		try := func(key string) {
			for _, i := range s.by[key] {
				if r := &s.rules[i]; r.last.matches(e, all, id) && r.stands(e) {
					for _, d := range r.decls {
						p.set(d, int64(r.weight)<<8+int64(min(n, 255)))
					}
				}
			}
		}
		for _, c := range all {
			try("." + c)
		}
		if id != "" {
			try("#" + id)
		}
		try(e.Name)
		if low := strings.ToLower(e.Name); low != e.Name {
			try(low)
		}
	}
	for i := range e.Attrs {
		if a := &e.Attrs[i]; a.Name == "style" {
			found, whole := a.inline()
			for _, v := range whole {
				for _, s := range Literals(v) {
					for _, d := range declarations(s, nil) {
						if d.property != "display" && d.property != "visibility" {
							found = append(found, d)
						}
					}
				}
			}
			for _, d := range found {
				if laying[d.property] {
					p.set(d, 1<<36)
				}
			}
		}
	}
	if p.hides() {
		p.hidden = true
	} else if len(possible) > 0 && p.value != nil {
		bare := *e
		bare.Attrs = []Attr{{Name: "class", Value: strings.Join(written, " ")}, {Name: "id", Value: id}}
		p.hidden = paintOf(&bare, sheets).hidden
	}
	return p
}

func (c *compound) matches(e *Element, classes []string, id string) bool {
	if c.id != "" && c.id != id || c.tag != "" && !strings.EqualFold(c.tag, e.Name) && !markup.SameName(c.tag, e.Name) {
		return false
	}
	for _, want := range c.classes {
		if !slices.Contains(classes, want) {
			return false
		}
	}
	return true
}

// stands reports whether what a selector wants around an element is there.
func (r *rule) stands(e *Element) bool {
	p := e.Parent
	for i := range r.around {
		want := &r.around[i]
		for ; p != nil; p = p.Parent {
			written, possible := p.Classes()
			id, _ := p.Static("id")
			if p.Name != "" && want.matches(p, append(written, possible...), id) {
				break
			}
		}
		if p == nil {
			return false
		}
		p = p.Parent
	}
	return true
}

func (p *paint) hides() bool {
	return p.value["display"] == "none" || p.value["visibility"] == "hidden" || p.value["opacity"] == "0"
}

func (p *paint) look() Look {
	l := Look{Known: len(p.value) > 0, Hidden: p.hidden}
	switch p.value["position"] {
	case "fixed":
		l.Fixed = true
	case "absolute":
		l.Absolute = true
	}
	l.ZIndex, _ = strconv.Atoi(p.value["zindex"])
	l.Dim = p.dim()
	l.Cover = (l.Fixed || l.Absolute) && p.wide() && p.high()
	return l
}

// wide reports whether the width is that of the page; a design is 750rpx wide.
func (p *paint) wide() bool {
	return p.pinned("left", "right", 1, 3) || p.sized("width", 750) || p.sized("minwidth", 750)
}

// high reports whether the height is that of the page; no page is lower than
// 1000rpx.
func (p *paint) high() bool {
	return p.pinned("top", "bottom", 0, 2) || p.sized("height", 1000) || p.sized("minheight", 1000)
}

// pinned reports whether two opposite edges lie on those of the page; i and j are
// their places in inset.
func (p *paint) pinned(a, b string, i, j int) bool {
	if zero(p.value[a]) && zero(p.value[b]) {
		return true
	}
	inset := strings.Fields(p.value["inset"])
	switch len(inset) {
	case 0:
		return false
	case 1:
		return zero(inset[0])
	case 2:
		return zero(inset[i%2])
	case 3:
		inset = append(inset, inset[1])
	}
	return zero(inset[i]) && zero(inset[j])
}

func zero(s string) bool {
	s = strings.TrimSpace(s)
	return s != "" && strings.Trim(strings.TrimRight(s, "pxrutem%vhw"), "0.") == "" && s[0] == '0'
}

func (p *paint) sized(property string, least float64) bool {
	value := p.value[property]
	if strings.HasPrefix(value, "calc(") {
		value = strings.TrimPrefix(value, "calc(")
		value, _, _ = strings.Cut(value, " ")
	}
	i := 0
	for i < len(value) && (value[i] == '.' || '0' <= value[i] && value[i] <= '9') {
		i++
	}
	n, err := strconv.ParseFloat(value[:i], 64)
	if err != nil {
		for _, x := range p.exprs[property] {
			words := strings.ToLower(lastName(x))
			if strings.HasSuffix(words, property) && containsAny(words, "win", "screen", "phone", "client", "sys", "page") {
				return true
			}
		}
		return false
	}
	switch strings.TrimRight(value[i:], ") ;") {
	case "%", "vw", "vh", "dvh", "svh", "lvh":
		return n >= 99
	case "rpx", "upx":
		return n >= least
	case "px": // half of a design's
		return n >= least
	}
	return false
}

// dim reports whether the ground is a colour that is neither full nor absent.
func (p *paint) dim() bool {
	ground := p.value["background"] + " " + p.value["backgroundcolor"]
	if i := strings.Index(ground, "rgba("); i >= 0 {
		inside, _, _ := strings.Cut(ground[i+5:], ")")
		alpha := inside[strings.LastIndexAny(inside, ",/ ")+1:]
		return translucent(alpha)
	}
	if i := strings.IndexByte(ground, '#'); i >= 0 {
		hex, _, _ := strings.Cut(ground[i+1:], " ")
		hex = strings.TrimRight(hex, ";,")
		if len(hex) == 8 && hex[6:] != "ff" && hex[6:] != "00" || len(hex) == 4 && hex[3] != 'f' && hex[3] != '0' {
			return true
		}
	}
	dark := strings.Contains(ground, "#000") || strings.Contains(ground, "black") || strings.Contains(ground, "#333") || strings.Contains(ground, "rgb(0")
	return dark && translucent(p.value["opacity"]) || strings.Contains(ground, "mask") && strings.ContainsAny(ground, "$@")
}

func translucent(alpha string) bool {
	alpha = strings.TrimSpace(alpha)
	share := 1.0
	if strings.HasSuffix(alpha, "%") {
		alpha, share = alpha[:len(alpha)-1], 100
	}
	n, err := strconv.ParseFloat(alpha, 64)
	return err == nil && n > 0 && n < share
}
