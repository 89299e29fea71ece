package markup

import (
	"slices"
	"strings"
)

// Region is what stands between <!-- #ifdef X --> and its <!-- #endif -->.
type Region struct {
	Body    Span
	Names   []string // of the platforms, as MP-TOUTIAO
	Negated bool     // #ifndef
	// Kept: the region is part of what was asked for. A condition on a version
	// (uniVersion > 3.9) cannot be known and is kept.
	Kept bool
}

// Blank cuts a template down to one build target by uni-app's conditional
// comments: the bytes of regions that are not for it become spaces, line ends stay,
// so every offset stays. defined is the names that hold, as MP-TOUTIAO and VUE3;
// MP, APP, H5 and WEB follow from them. Without any name nothing is blanked and only
// the regions are told. A region that is not closed is not one; comments inside an
// excluded region are blanked with it.
func Blank(src string, defined ...string) (string, []Region) {
	regions := regionsOf(src)
	if len(defined) == 0 {
		for i := range regions {
			regions[i].Kept = true
		}
		return src, regions
	}
	var out []byte
	for i := range regions {
		r := &regions[i]
		holds, known := anyHolds(r.Names, defined)
		r.Kept = !known || holds != r.Negated
		if r.Kept {
			continue
		}
		if out == nil {
			out = []byte(src)
		}
		for j := r.Body.Start; j < r.Body.End; j++ {
			if out[j] != '\n' && out[j] != '\r' {
				out[j] = ' '
			}
		}
	}
	if out == nil {
		return src, regions
	}
	return string(out), regions
}

// Enclosing is the regions that hold the byte at offset, the outermost first.
func Enclosing(regions []Region, offset int) []Region {
	var found []Region
	for _, r := range regions {
		if r.Body.Contains(offset) {
			found = append(found, r)
		}
	}
	return found
}

// regionsOf is the closed regions of src in the order in which they begin.
func regionsOf(src string) []Region {
	var found []Region
	var open []int // indexes into found; -1 for one too deep to keep
	for i := 0; ; {
		k := strings.Index(src[i:], "<!--")
		if k < 0 {
			break
		}
		k += i
		end := strings.Index(src[k+4:], "-->")
		if end < 0 {
			break
		}
		text := strings.TrimSpace(src[k+4 : k+4+end])
		i = k + 4 + end + 3
		switch {
		case strings.HasPrefix(text, "#ifdef") || strings.HasPrefix(text, "#ifndef"):
			word, rest := text, ""
			if at := strings.IndexAny(text, " \t\r\n"); at >= 0 {
				word, rest = text[:at], text[at:]
			}
			open = append(open, len(found))
			found = append(found, Region{Body: Span{i, -1}, Names: namesIn(rest), Negated: word == "#ifndef"})
		case strings.HasPrefix(text, "#endif") && len(open) > 0:
			found[open[len(open)-1]].Body.End = k
			open = open[:len(open)-1]
		}
	}
	return slices.DeleteFunc(found, func(r Region) bool { return r.Body.End < 0 })
}

// namesIn reads "A || B"; what is more than names joined so stays one name.
func namesIn(expr string) []string {
	var names []string
	for one := range strings.SplitSeq(expr, "||") {
		if one = strings.TrimSpace(one); one != "" {
			names = append(names, one)
		}
	}
	return names
}

// anyHolds reports whether one of names is defined; known is false where that
// depends on a name whose truth cannot be told.
func anyHolds(names, defined []string) (holds, known bool) {
	known = true
	for _, name := range names {
		every, sure := true, true
		for part := range strings.SplitSeq(name, "&&") {
			part = strings.TrimSpace(part)
			switch {
			case strings.ContainsAny(part, "<>=! ()"):
				sure = false
			case !nameHolds(part, defined):
				every = false
			}
		}
		if every && sure {
			return true, true
		}
		if every {
			known = false
		}
	}
	return false, known
}

func nameHolds(name string, defined []string) bool {
	if slices.Contains(defined, name) {
		return true
	}
	for _, d := range defined {
		switch {
		case name == "MP" && strings.HasPrefix(d, "MP-"),
			name == "APP" && strings.HasPrefix(d, "APP-"),
			name == "APP-PLUS" && d == "APP",
			(name == "H5" || name == "WEB") && (d == "H5" || d == "WEB"):
			return true
		}
	}
	return false
}
