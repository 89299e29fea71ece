package ask

import (
	"slices"
	"strings"

	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
)

var (
	drawsStar   = pattern.MustCompile(`(?i)content\s*:\s*["'](\s*[*＊✱]|\\0*2a)`)
	sheetImport = pattern.MustCompile(`@import\s+["']([^"']+)["']`)
	lastClass   = pattern.MustCompile(`\.([\w-]+)`)
	comment     = pattern.MustCompile(`(?s)/\*.*?\*/`)
)

// starsIn is the file of which [drawnStars] are kept.
type starsIn struct{ file *source.File }

// drawnStars is the classes behind which a file draws a star, and the style sheets
// that it takes in.
type drawnStars struct {
	classes []string
	imports []*source.File
}

// stars is the classes behind which the style sheets of the form draw a star.
func (f *Form) stars() []string {
	var classes []string
	seen := map[*source.File]bool{}
	project := f.Asks[0].Page.Program().Project
	p := f.Asks[0].Page.Program()
	var read func(file *source.File, depth int)
	read = func(file *source.File, depth int) {
		if file == nil || seen[file] || depth > 3 || file.Kind == source.Script {
			return
		}
		seen[file] = true
		s, _ := p.Memo(starsIn{file}, func() any {
			s := &drawnStars{}
			for _, m := range sheetImport.FindAllStringSubmatch(file.Text, 20) {
				s.imports = append(s.imports, project.Resolve(file, m[1]))
			}
			if drawsStar.MatchString(file.Text) {
				s.classes = starClasses(file.Text)
			}
			return s
		}).(*drawnStars)
		for _, to := range s.imports {
			read(to, depth+1)
		}
		classes = append(classes, s.classes...)
	}
	for _, q := range f.Questions {
		for k := q.Node; k != nil; k = k.Up {
			read(k.Unit.Source.Style, 0)
			read(k.Unit.Source.Template, 0)
		}
	}
	if app := project.App; app != nil {
		read(app.Style, 0)
		read(app.Template, 0)
	}
	slices.Sort(classes)
	return slices.Compact(classes)
}

// starClasses is the class that each rule which draws a star asks for last. Rules
// may stand in others, as in SCSS and Less.
func starClasses(text string) []string {
	if len(text) > 1<<19 {
		return nil
	}
	text = comment.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	var classes, above []string
	from := 0
	take := func(chunk string) {
		if len(above) == 0 || !drawsStar.MatchString(chunk) {
			return
		}
		for i := len(above) - 1; i >= 0; i-- {
			found := false
			for _, one := range strings.Split(above[i], ",") {
				parts := strings.Fields(strings.TrimSpace(one))
				if len(parts) == 0 {
					continue
				}
				last := parts[len(parts)-1]
				if m := lastClass.FindAllStringSubmatch(last, -1); len(m) > 0 {
					classes = append(classes, m[len(m)-1][1])
					found = true
				}
			}
			if found {
				return
			}
		}
	}
	for i := range len(text) {
		switch text[i] {
		case '{':
			head := text[from:i]
			if j := strings.LastIndexByte(head, ';'); j >= 0 {
				head = head[j+1:]
			}
			take(text[from:i])
			above = append(above, head)
			from = i + 1
		case '}':
			take(text[from:i])
			if len(above) > 0 {
				above = above[:len(above)-1]
			}
			from = i + 1
		}
	}
	return classes
}

// drawn is what a style sheet draws at an element.
func drawn(n *program.Node, stars []string) Mark {
	written, possible := n.Classes()
	for _, c := range written {
		if slices.Contains(stars, c) {
			return Required
		}
	}
	for _, c := range possible {
		if slices.Contains(stars, c) {
			return Computed
		}
	}
	return Unmarked
}
