// Package pattern keeps one promise: a [Pattern] matches what the regular expression
// it was made from matches, and most texts that it does not match cost no more than
// looking for a few words in them.
//
// Rules ask thousands of short texts about lists of words. An expression is read once
// for the words of which every match holds one; a text without any is answered at
// once, and where the expression is nothing but a list of words, so is every other.
package pattern

import (
	"regexp"
	"regexp/syntax"
	"sync"
)

// Pattern is a regular expression. It is safe for use by several goroutines.
type Pattern struct {
	compiled func() *regexp.Regexp // when it is first needed
	words    *words                // of which every match holds one; nil where none are known
	exact    bool                  // and each of them is a match
}

// MustCompile reads an expression in the syntax of package regexp; it panics if that
// is wrong.
func MustCompile(expr string) *Pattern {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic("pattern " + expr + ": " + err.Error())
	}
	p := &Pattern{compiled: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })}
	if n := needsOf(parsed.Simplify()); n.usable() {
		p.words, p.exact = newWords(n.list), n.exact
	}
	return p
}

// MatchString reports whether s holds a match.
func (p *Pattern) MatchString(s string) bool {
	if p.words != nil {
		switch found := p.words.in(s); {
		case found == absent:
			return false
		case found == present && p.exact:
			return true
		}
	}
	return p.compiled().MatchString(s)
}

// without reports whether it is plain that s holds no match.
func (p *Pattern) without(s string) bool { return p.words != nil && p.words.in(s) == absent }

// FindStringIndex is the place of the leftmost match, nil if there is none.
func (p *Pattern) FindStringIndex(s string) []int {
	if p.without(s) {
		return nil
	}
	return p.compiled().FindStringIndex(s)
}

// FindString is the leftmost match, "" if there is none.
func (p *Pattern) FindString(s string) string {
	if p.without(s) {
		return ""
	}
	return p.compiled().FindString(s)
}

// FindStringSubmatch is the leftmost match and its groups, nil if there is none.
func (p *Pattern) FindStringSubmatch(s string) []string {
	if p.without(s) {
		return nil
	}
	return p.compiled().FindStringSubmatch(s)
}

// FindAllString is the first n matches that do not overlap, all if n is negative.
func (p *Pattern) FindAllString(s string, n int) []string {
	if p.without(s) {
		return nil
	}
	return p.compiled().FindAllString(s, n)
}

// FindAllStringSubmatch is FindAllString with the groups of each match.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	if p.without(s) {
		return nil
	}
	return p.compiled().FindAllStringSubmatch(s, n)
}

// FindAllStringIndex is the places of FindAllString.
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	if p.without(s) {
		return nil
	}
	return p.compiled().FindAllStringIndex(s, n)
}

// ReplaceAllString is s with every match replaced; see regexp for $1 in by.
func (p *Pattern) ReplaceAllString(s, by string) string {
	if p.without(s) {
		return s
	}
	return p.compiled().ReplaceAllString(s, by)
}

// ReplaceAllStringFunc is s with every match replaced by what by makes of it.
func (p *Pattern) ReplaceAllStringFunc(s string, by func(string) string) string {
	if p.without(s) {
		return s
	}
	return p.compiled().ReplaceAllStringFunc(s, by)
}

// String is the expression.
func (p *Pattern) String() string { return p.compiled().String() }
