package pattern

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
)

// word is a text to look for; fold in either case, then text is in lower case.
type word struct {
	text string
	fold bool
}

// needs is what is known of the matches of an expression: with list, each holds one
// of its words; with exact, each is one of its words, and each word a match. An exact
// list may hold the empty word.
type needs struct {
	list  []word
	exact bool
}

// maxWords bounds a list: longer ones gain nothing.
const maxWords = 400

// usable reports whether a text can be judged by a list.
func (n needs) usable() bool {
	return len(n.list) > 0 && len(n.list) <= maxWords && !slices.ContainsFunc(n.list, func(w word) bool { return w.text == "" })
}

func needsOf(re *syntax.Regexp) needs {
	switch re.Op {
	case syntax.OpLiteral:
		return literal(re)
	case syntax.OpCharClass:
		return class(re)
	case syntax.OpEmptyMatch:
		return needs{list: []word{{}}, exact: true}
	case syntax.OpCapture:
		return needsOf(re.Sub[0])
	case syntax.OpPlus: // whether there is a match does not depend on its length, what it is does
		n := needsOf(re.Sub[0])
		n.exact = false
		return n
	case syntax.OpQuest:
		if n := needsOf(re.Sub[0]); n.exact && len(n.list) < maxWords {
			return needs{append(slices.Clone(n.list), word{}), true}
		}
	case syntax.OpConcat:
		return concat(re.Sub)
	case syntax.OpAlternate:
		all := needs{exact: true}
		for _, sub := range re.Sub {
			n := needsOf(sub)
			if len(n.list) == 0 || len(all.list)+len(n.list) > maxWords {
				return needs{}
			}
			if !n.exact && !n.usable() {
				return needs{}
			}
			all.list, all.exact = append(all.list, n.list...), all.exact && n.exact
		}
		return all
	}
	return needs{}
}

func literal(re *syntax.Regexp) needs {
	w := word{fold: re.Flags&syntax.FoldCase != 0}
	for _, r := range re.Rune {
		if w.fold && r > unicode.MaxASCII && unicode.SimpleFold(r) != r {
			return needs{}
		}
	}
	w.text = string(re.Rune)
	if w.fold {
		w.text = strings.ToLower(w.text)
	}
	if strings.ContainsRune(w.text, unicode.ReplacementChar) { // stands for broken bytes as well
		return needs{}
	}
	return needs{[]word{w}, true}
}

// class is the characters of a small class.
func class(re *syntax.Regexp) needs {
	n := needs{exact: true}
	for i := 0; i+1 < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			if len(n.list) == 8 || r == unicode.ReplacementChar {
				return needs{}
			}
			n.list = append(n.list, word{text: string(r)})
		}
	}
	return n
}

// concat joins what lies beside each other where that is known, and takes the most
// telling part for the whole.
func concat(subs []*syntax.Regexp) needs {
	var best needs
	exact := true
	take := func(n needs) {
		if n.usable() && (len(best.list) == 0 || n.telling() > best.telling()) {
			best = n
		}
	}
	run := needs{list: []word{{}}, exact: true}
	for _, sub := range subs {
		n := needsOf(sub)
		if n.exact {
			if joined, ok := join(run.list, n.list); ok {
				run.list = joined
				continue
			}
		}
		exact = false
		take(run)
		if n.exact {
			run = n
			continue
		}
		take(n)
		run.list = []word{{}}
	}
	if exact {
		return run
	}
	take(run)
	best.exact = false
	return best
}

// telling is the least length of a word.
func (n needs) telling() int {
	least := len(n.list[0].text)
	for _, w := range n.list {
		least = min(least, len(w.text))
	}
	return least
}

// join is each of a with each of b behind it; ok is false for too many, and for words
// of which one part stands for both cases and the other does not.
func join(a, b []word) (list []word, ok bool) {
	if len(a)*len(b) > 64 {
		return nil, false
	}
	for _, x := range a {
		for _, y := range b {
			fold := x.fold || y.fold
			if fold && (!x.fold && cased(x.text) || !y.fold && cased(y.text)) {
				return nil, false
			}
			list = append(list, word{x.text + y.text, fold})
		}
	}
	return list, true
}

func cased(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.SimpleFold(r) != r })
}
