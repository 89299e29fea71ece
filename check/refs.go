package check

import (
	"strings"
	"unicode/utf8"

	"clew/check/source"
)

// refs is the quoted words of a file that may name another file, its tags, and
// whether every page rests on it.
type refs struct {
	Names  []string
	Tags   []string
	Shares bool // see shares
}

// refsOf is what a file names.
func (c *cache) refsOf(f *source.File) refs {
	c.refUsed[f.Hash] = true
	if r, ok := c.Refs[f.Hash]; ok {
		return r
	}
	r := readRefs(f.Text, f.Kind != source.Config && f.Kind != source.Style)
	c.Refs[f.Hash], c.changed = r, true
	return r
}

// readRefs reads a text for what it names, and for its tags where it may have any.
func readRefs(text string, tags bool) refs {
	r := refs{Shares: shares(text)}
	seen := map[string]bool{}
	eachQuoted(text, func(s string) {
		if strings.ContainsAny(s, "/.@") && !seen[s] {
			seen[s] = true
			r.Names = append(r.Names, s)
		}
	})
	eachPath(text, func(s string) {
		if !seen[s] {
			seen[s] = true
			r.Names = append(r.Names, s)
		}
	})
	if tags {
		clear(seen)
		eachTag(text, func(s string) {
			if !seen[s] {
				seen[s] = true
				r.Tags = append(r.Tags, s)
			}
		})
	}
	return r
}

// shares reports whether a file gives something to every page: a store, what it puts
// on every component.
func shares(text string) bool {
	for _, word := range []string{"Vuex.Store(", "createStore(", ".prototype.$", "globalProperties.$", "uni.$"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// bytesOf is a set of bytes.
func bytesOf(list string) (set [256]bool) {
	for i := range len(list) {
		set[list[i]] = true
	}
	return set
}

var (
	quotes    = bytesOf("\"'`")
	unquoted  = bytesOf("\"'`{}<>$; \t\n\f\r") // ends a quoted word
	pathEnds  = bytesOf("\"'> \t\n\f\r")
	tagLetter = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
	tagRest   = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-")
)

// eachQuoted finds the words of 2 to 200 characters between quotes of any kind.
func eachQuoted(text string, found func(string)) {
	for i := 0; i < len(text); {
		if !quotes[text[i]] {
			i++
			continue
		}
		end := i + 1
		for end < len(text) && !unquoted[text[end]] {
			end++
		}
		if end == len(text) {
			return
		}
		word := text[i+1 : end]
		if i = end; !quotes[text[end]] || len(word) < 2 {
			continue
		}
		if n := utf8.RuneCountInString(word); n >= 2 && n <= 200 {
			found(word)
			i++ // the quote belongs to this word
		}
	}
}

// eachPath finds what src=, href= and url= name.
func eachPath(text string, found func(string)) {
	for i := 0; ; {
		at := strings.IndexByte(text[i:], '=')
		if at < 0 {
			return
		}
		from := i
		i += at + 1
		if before := text[from : i-1]; !strings.HasSuffix(before, "src") && !strings.HasSuffix(before, "href") && !strings.HasSuffix(before, "url") {
			continue
		}
		end := i
		for end < len(text) && !pathEnds[text[end]] {
			end++
		}
		if end > i {
			found(text[i:end])
			i = end
		}
	}
}

// eachTag finds the names behind "<".
func eachTag(text string, found func(string)) {
	for i := 0; ; {
		at := strings.IndexByte(text[i:], '<')
		if at < 0 {
			return
		}
		if i += at + 1; i == len(text) || !tagLetter[text[i]] {
			continue
		}
		end := i + 1
		for end < len(text) && tagRest[text[end]] {
			end++
		}
		found(text[i:end])
		i = end
	}
}
