package js

import (
	"math/rand/v2"
	"testing"
)

// TestOneBrokenToken takes one token out of a page and counts which of its named
// members and calls are still found. It measures recovery as a whole: no single
// case is promised, nearly everything on average is.
func TestOneBrokenToken(t *testing.T) {
	page := string(generated(1))
	count := func(src string) (members, calls int) {
		f := Parse([]byte(src), Options{})
		sound(t, src, f)
		f.Inspect(func(n Node, parents []Node) bool {
			switch n.(type) {
			case *Property:
				if len(parents) < 2 {
					return true
				}
				if c, ok := parents[len(parents)-2].(*Call); ok && f.Text(c.Callee) == "Page" && parents[len(parents)-1] == c.Args[0] {
					members++
				}
			case *Call:
				calls++
			}
			return true
		})
		return members, calls
	}
	members, calls := count(page)
	r := rand.New(rand.NewPCG(5, 9))
	rounds, keptMembers, keptCalls, worst := 2000, 0, 0, 0
	for range rounds {
		f := &File{Source: page}
		p := &parser{src: page, file: f, templatesEnd: len(page)}
		var tokens [][2]int
		for p.next(); p.tok != tEOF; p.next() {
			tokens = append(tokens, [2]int{p.start, p.end})
		}
		at := tokens[r.IntN(len(tokens))]
		src := page[:at[0]] + page[at[1]:]
		m, c := count(src)
		keptMembers += min(m, members)
		keptCalls += min(c, calls)
		if m < members-1 {
			worst++
			if testing.Verbose() {
				t.Logf("%d of %d members without %q at %d: %q", m, members, page[at[0]:at[1]], at[0], page[max(0, at[0]-30):at[1]+10])
			}
		}
	}
	memberShare := float64(keptMembers) / float64(rounds*members)
	callShare := float64(keptCalls) / float64(rounds*calls)
	t.Logf("kept %.2f %% of members, %.2f %% of calls; %d of %d lose two members or more", 100*memberShare, 100*callShare, worst, rounds)
	if memberShare < 0.97 || callShare < 0.95 {
		t.Errorf("kept %.2f %% of members and %.2f %% of calls", 100*memberShare, 100*callShare)
	}
}
