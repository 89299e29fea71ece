package pattern

import (
	"slices"
	"strings"
)

// words is a set of words to look for all at once, by their first bytes.
type words struct {
	group  [256]uint8 // by the first byte, in either case: 1 + index of groups, 0 for none
	groups []group
	short  int // the length of the shortest word
}

// group is the words that begin with one byte.
type group struct {
	list []word
	// second and third are the bytes that follow in any of them, by their low six bits;
	// all bits are set if a word is that short.
	second, third uint64
}

// found is what a text was found to hold.
type found uint8

const (
	absent  found = iota
	present       // one of the words
	unclear       // a character that is a letter of ours in another case
)

// Two characters beyond ASCII are letters of ASCII in another case.
var strangers = []string{"\u017f", "\u212a"}

func newWords(list []word) *words {
	w := &words{short: len(list[0].text)}
	add := func(first byte, one word) {
		at := w.group[first]
		if at == 0 {
			w.groups = append(w.groups, group{})
			at = uint8(len(w.groups)) // #nosec G115 -- at most one for each byte that begins a character
			w.group[first] = at
		}
		g := &w.groups[at-1]
		g.list = append(g.list, one)
		g.second |= bits(one, 1)
		g.third |= bits(one, 2)
		w.short = min(w.short, len(one.text))
	}
	fold := false
	for i, one := range list {
		if slices.Contains(list[:i], one) {
			continue
		}
		fold = fold || one.fold
		add(one.text[0], one)
		if upper := upper(one.text[0]); one.fold && upper != one.text[0] {
			add(upper, one)
		}
	}
	if fold {
		for _, s := range strangers {
			add(s[0], word{text: s})
		}
	}
	return w
}

func bits(one word, at int) uint64 {
	if len(one.text) <= at {
		return ^uint64(0)
	}
	b := uint64(1) << (one.text[at] & 63)
	if one.fold {
		b |= 1 << (upper(one.text[at]) & 63)
	}
	return b
}

// in looks for the words in s.
func (w *words) in(s string) found {
	for i := 0; i+w.short <= len(s); i++ {
		at := w.group[s[i]]
		if at == 0 {
			continue
		}
		g := &w.groups[at-1]
		rest := s[i:]
		if len(rest) > 1 && g.second&(1<<(rest[1]&63)) == 0 || len(rest) > 2 && g.third&(1<<(rest[2]&63)) == 0 {
			continue
		}
		for j := range g.list {
			one := &g.list[j]
			if !one.begins(rest) {
				continue
			}
			if slices.Contains(strangers, one.text) {
				return unclear
			}
			return present
		}
	}
	return absent
}

func (one *word) begins(s string) bool {
	if !one.fold {
		return strings.HasPrefix(s, one.text)
	}
	if len(s) < len(one.text) {
		return false
	}
	for i := range len(one.text) {
		if c := s[i]; c != one.text[i] && lower(c) != one.text[i] {
			return false
		}
	}
	return true
}

func lower(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
