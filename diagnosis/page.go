package diagnosis

import (
	"slices"
	"strings"
)

// The two attributes that make a form a lead form, as the built page must have them.
const (
	attrTarget    = "conversion-target"
	attrComponent = "clue-component-id"
)

// plainName is an attribute's name without what frameworks change in it: case,
// dashes, underscores, prefixes of bindings and data attributes.
func plainName(name string) string {
	name = strings.ToLower(name)
	for _, prefix := range []string{":", "v-bind:", "data-", "bind:", "tt:", "wx:", "a:"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return strings.NewReplacer("-", "", "_", "").Replace(name)
}

// spelt says how an attribute stands on a form: well, misspelt (and how), or not
// at all.
func spelt(names []string, attr string) (well bool, as string) {
	for _, n := range names {
		switch {
		case n == attr:
			well = true
		case plainName(n) == plainName(attr):
			as = n
		}
	}
	return well, as
}

// fromPage judges by what the page's form was seen to have.
func fromPage(q Question, s sheet) {
	var gone []string    // attributes known to be absent, or to have the wrong value
	seen := q.Attributes // and where names are known
	known := 0
	wrongValue := false
	for _, a := range []struct {
		name  string
		value *string
		good  func(string) bool
	}{
		{attrComponent, q.ConfigID, func(v string) bool { return v != "" }},
		{attrTarget, q.ConversionTarget, func(v string) bool { return v == "1" }},
	} {
		well, as := spelt(seen, a.name)
		switch {
		case a.value != nil && *a.value == "" && as == "":
			gone = append(gone, a.name)
		case a.value != nil && *a.value != "" && !a.good(*a.value):
			gone = append(gone, a.name)
			wrongValue = true
		case seen != nil && !well && as == "":
			gone = append(gone, a.name)
		}
		if a.value != nil || seen != nil {
			known++
		}
	}
	switch {
	case len(gone) > 0 && wrongValue:
		s.say(Missing, true, "attribute_value")
	case len(gone) > 0:
		s.say(Missing, true, "attributes", "names", strings.Join(gone, ", "))
	case known == 2:
		s.say(Missing, false, "")
	}
	if seen == nil {
		return
	}
	var wrong []string
	for _, name := range []string{attrComponent, attrTarget} {
		if well, as := spelt(seen, name); !well && as != "" && len(as) <= 40 && !slices.Contains(wrong, as) {
			wrong = append(wrong, as)
		}
	}
	s.say(Misspelt, len(wrong) > 0, "spelling", "names", strings.Join(wrong, ", "))
}
