package console

import (
	"net/http"
	"slices"
	"strings"

	"clew/region"
)

// candidates is how many districts a search or a message names.
const candidates = 8

// districts reads districts as people type them, one a line: a code, a name, or a
// code followed by its name. codes holds a line as it is where it is none.
func (v *visit) districts(typed string) (codes []string, wrong []trouble) {
	n := 0
	for line := range strings.Lines(typed) {
		n++
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		code, text := v.district(line)
		if text != "" {
			code = line
			wrong = append(wrong, trouble{"regions", v.T("place.line", "n", n) + text})
		}
		codes = append(codes, code)
	}
	return codes, wrong
}

// district is the code of one line, or what is wrong with it. The line itself is not
// repeated: it stands in the field.
func (v *visit) district(line string) (code, wrong string) {
	if head := line[:min(6, len(line))]; len(head) == 6 && strings.Trim(head, "0123456789") == "" && !digit(line, 6) {
		e := region.Explain(head)
		if e.Level == region.AtDistrict {
			return head, ""
		}
		return "", v.maybe(v.T("place.level."+string(e.Level)), e.Districts)
	}
	name := strings.Join(strings.Fields(line), "")
	exact := slices.DeleteFunc(region.All(), func(d region.Division) bool { return !calls(d, name) })
	switch len(exact) {
	case 1:
		return exact[0].Code, ""
	case 0:
		return "", v.maybe(v.T("place.none"), search(name))
	}
	return "", v.maybe(v.T("place.several"), exact)
}

func digit(s string, i int) bool { return i < len(s) && s[i] >= '0' && s[i] <= '9' }

// calls reports whether people call a district so: by its name with or without what
// stands before it, each with or without its last character (北京朝阳).
func calls(d region.Division, name string) bool {
	for _, own := range shorter(d.District) {
		rest, ok := strings.CutSuffix(name, own)
		if !ok {
			continue
		}
		if rest == "" || rest == strings.TrimSuffix(placed(d), d.District) ||
			slices.Contains(shorter(d.City), rest) || slices.Contains(shorter(d.Province), rest) {
			return true
		}
	}
	return false
}

// shorter is a name, and the name without its last character where two stay.
func shorter(name string) []string {
	if r := []rune(name); len(r) > 2 {
		return []string{name, string(r[:len(r)-1])}
	}
	return []string{name}
}

// maybe adds the first few districts that may be meant.
func (v *visit) maybe(text string, list []region.Division) string {
	if len(list) == 0 {
		return text
	}
	var names []string
	for _, d := range list[:min(len(list), candidates)] {
		names = append(names, d.Code+" "+placed(d))
	}
	more := ""
	if len(list) > candidates {
		more = v.T("place.more")
	}
	return text + v.T("place.maybe", "list", strings.Join(names, v.T("place.and"))) + more
}

// search finds districts by part of a name or by the beginning of a code.
func search(q string) (found []region.Division) {
	q = strings.Join(strings.Fields(q), "")
	if q == "" {
		return nil
	}
	for _, d := range region.All() {
		if strings.HasPrefix(d.Code, q) || strings.Contains(placed(d), q) {
			found = append(found, d)
		}
	}
	// A district's own name comes before those of its city.
	slices.SortStableFunc(found, func(a, b region.Division) int {
		return rank(a, q) - rank(b, q)
	})
	return found
}

func rank(d region.Division, q string) int {
	switch {
	case strings.HasPrefix(d.District, q):
		return 0
	case strings.Contains(d.District, q):
		return 1
	}
	return 2
}

// places answers the search field of the target's page with a part of a page.
func (c *Console) places(v *visit) error {
	found := search(v.r.URL.Query().Get("q"))
	return v.write(http.StatusOK, placesPart(v.page, found[:min(len(found), candidates)]))
}
