package js

import "strings"

// Region is what stands between two directives of conditional compilation, as
// uni-app writes them into comments of scripts, styles and templates:
//
//	// #ifdef MP-TOUTIAO || MP-WEIXIN
//	…
//	// #endif
//
// after the manual of uni-app, "Conditional compilation". From and To enclose the
// text between the comments, not the comments.
type Region struct {
	Range
	Condition string // as written
	Negated   bool   // #ifndef
	Kept      bool   // not blanked; false too inside a blanked region
	Closed    bool   // has its #endif; an open region is never blanked
}

// Allows says whether the region belongs to a platform, without regard to the
// regions around it.
func (r *Region) Allows(platform string) bool {
	return r.allows([]string{platform})
}

func (r *Region) allows(platforms []string) bool {
	return holds(r.Condition, platforms, !r.Negated) != r.Negated
}

// Platforms are those of the given names that a place belongs to: every closed
// region round it must allow them.
func Platforms(regions []Region, offset int, names []string) []string {
	var kept []string
	for _, name := range names {
		allowed := true
		for i := range regions {
			r := &regions[i]
			if r.Closed && r.Pos() <= offset && offset < r.End() && !r.Allows(name) {
				allowed = false
				break
			}
		}
		if allowed {
			kept = append(kept, name)
		}
	}
	return kept
}

// Blank returns a copy of src in which what is not meant for the platforms is
// spaces; line ends stay, and so do all offsets. The regions come in the order in
// which they begin. A name that is not among platforms is false, whatever it is;
// MP is true with any MP- platform, APP with any APP- platform, and H5 and WEB
// are one. A condition that compares versions counts as true for #ifdef and
// #ifndef alike: nobody here knows the version.
//
// Without a directive the result is src itself.
func Blank(src []byte, platforms []string) ([]byte, []Region) {
	text := string(src)
	var regions []Region
	var open []int // indices of regions
	for at := 0; ; {
		d, ok := nextDirective(text, at)
		if !ok {
			break
		}
		at = d.end
		if d.word == "endif" {
			if n := len(open); n > 0 {
				r := &regions[open[n-1]]
				r.To, r.Closed = int32(d.start), true
				open = open[:n-1]
			}
			continue
		}
		open = append(open, len(regions))
		regions = append(regions, Region{
			Range: Range{int32(d.end), int32(len(text))}, Condition: d.condition, Negated: d.word == "ifndef",
		})
	}
	if len(regions) == 0 {
		return src, nil
	}
	out := []byte(text)
	blanked := 0 // end of the last blanked region; regions nest
	for i := range regions {
		r := &regions[i]
		if r.End() <= blanked {
			continue // all of it is gone
		}
		r.Kept = !r.Closed || r.allows(platforms)
		if r.Kept {
			continue
		}
		for j := r.Pos(); j < r.End(); j++ {
			if out[j] != '\n' && out[j] != '\r' {
				out[j] = ' '
			}
		}
		blanked = r.End()
	}
	return out, regions
}

// directive is one comment with #ifdef, #ifndef or #endif; start and end are those
// of the comment.
type directive struct {
	start, end      int
	word, condition string
}

// nextDirective looks from at on. A directive counts only at the beginning of a
// comment.
func nextDirective(text string, at int) (directive, bool) {
	for {
		n := strings.IndexByte(text[at:], '#')
		if n < 0 {
			return directive{}, false
		}
		hash := at + n
		at = hash + 1
		word := ""
		for _, w := range []string{"ifdef", "ifndef", "endif"} {
			if strings.HasPrefix(text[at:], w) && !wordByte(text, at+len(w)) {
				word = w
			}
		}
		if word == "" {
			continue
		}
		before := hash
		for before > 0 && (text[before-1] == ' ' || text[before-1] == '\t') {
			before--
		}
		d := directive{word: word}
		rest := text[at+len(word):]
		line := len(rest)
		if n := strings.IndexAny(rest[:min(len(rest), maxDirective)], "\r\n"); n >= 0 {
			line = n
		}
		closing := ""
		switch head := text[:before]; {
		case strings.HasSuffix(head, "<!--"):
			d.start, closing = before-4, "-->"
		case strings.HasSuffix(head, "/*") || strings.HasSuffix(head, "/**"):
			d.start, closing = strings.LastIndex(head, "/*"), "*/"
		case strings.HasSuffix(head, "//"):
			d.start = before - 2
			for d.start > 0 && text[d.start-1] == '/' {
				d.start--
			}
		default:
			continue
		}
		d.condition, d.end = rest[:line], at+len(word)+line
		if closing != "" {
			n := strings.Index(rest[:min(len(rest), maxDirective)], closing)
			if n < 0 {
				continue
			}
			d.condition, d.end = rest[:n], at+len(word)+n+len(closing)
		}
		d.condition = strings.TrimSpace(d.condition)
		return d, true
	}
}

// maxDirective bounds how far the end of a directive is looked for.
const maxDirective = 1 << 12

func wordByte(s string, i int) bool { return i < len(s) && (class[s[i]]&idPart != 0 || s[i] == '-') }

// holds evaluates names joined by ||, && and !, || binding least. A comparison of
// versions has the value unknown.
func holds(condition string, platforms []string, unknown bool) bool {
	for or := range strings.SplitSeq(condition, "||") {
		all := true
		for and := range strings.SplitSeq(or, "&&") {
			name, negated := strings.Trim(and, " \t()"), false
			for strings.HasPrefix(name, "!") {
				name, negated = strings.Trim(name[1:], " \t()"), !negated
			}
			if f := strings.Fields(name); len(f) > 0 {
				name = f[0] // words behind the name are a remark
			}
			value := targets(name, platforms) != negated
			if strings.ContainsAny(and, "<>=") {
				value = unknown
			}
			if !value {
				all = false
				break
			}
		}
		if all {
			return true
		}
	}
	return false
}

// targets says whether name is one of platforms or stands for one.
func targets(name string, platforms []string) bool {
	for _, p := range platforms {
		switch {
		case strings.EqualFold(name, p),
			strings.EqualFold(name, "MP") && len(p) > 3 && strings.EqualFold(p[:3], "MP-"),
			strings.EqualFold(name, "APP") && len(p) > 4 && strings.EqualFold(p[:4], "APP-"),
			strings.EqualFold(name, "H5") && strings.EqualFold(p, "WEB"),
			strings.EqualFold(name, "WEB") && strings.EqualFold(p, "H5"):
			return true
		}
	}
	return false
}
