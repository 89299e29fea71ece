package check

import (
	"slices"

	"clew/check/program"
	"clew/check/source"
)

// twin is what was said of a page on one target, and what that was made from.
type twin struct {
	target source.Platform
	from   []*source.File // those with conditional comments
	said   judged
}

// twins is the pages that were judged on earlier targets of a project: where all
// that a page is made from reads the same on another, it is not judged again.
type twins map[*source.Unit][]twin

// find is what was said of a page on a target on which it reads the same as on
// prog's.
func (t twins) find(prog *program.Program, u *source.Unit) (judged, bool) {
	for _, one := range t[u] {
		if prog.Alike(one.from, one.target) {
			return one.said.on(prog.Target), true
		}
	}
	return judged{}, false
}

func (t twins) keep(prog *program.Program, u *source.Unit, said judged) {
	t[u] = append(t[u], twin{prog.Target, prog.Reads(), said})
}

// on is the same said of another target.
func (j judged) on(target source.Platform) judged {
	j.Findings, j.Marks = slices.Clone(j.Findings), slices.Clone(j.Marks)
	for i := range j.Findings {
		j.Findings[i].Platforms = []string{string(target)}
	}
	for i := range j.Marks {
		if j.Marks[i].Say != nil {
			say := *j.Marks[i].Say
			say.Platforms = []string{string(target)}
			j.Marks[i].Say = &say
		}
	}
	return j
}
