package check

import (
	"fmt"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"clew/check/program"
	"clew/check/source"
	"clew/finding"
	"clew/words"
)

// The notes that judging adds to those of reading (package source).
const (
	// NoteInternal: the checker itself failed on a page. The page was not judged, the
	// others were.
	NoteInternal = "internal"
	// NoteCutOff: a page that shows more, or whose code does more, than is followed.
	NoteCutOff = "cut-off"
	// NoteStepped: a file with places that no parser understood.
	NoteStepped = "stepped-over"
)

// NoteCodes is every code that a note of a run may have, but those of package
// settings, which has its own texts.
func NoteCodes() []string {
	codes := []string{NoteInternal, NoteCutOff, NoteStepped}
	for _, c := range source.NoteCodes() {
		codes = append(codes, string(c))
	}
	slices.Sort(codes)
	return codes
}

const (
	// fewNotes is how many notes of one code stand each for themselves, where they
	// say that nothing was missed; more are told in one.
	fewNotes = 3
	// namesTold is how many names such a note tells.
	namesTold = 12
)

func noteText(code string) finding.Text {
	return finding.Say(words.T(words.ZH, "check.note."+code), words.T(words.EN, "check.note."+code))
}

func noteMany(code string, n int) finding.Text {
	key := "check.note." + code + ".many"
	return finding.Say(words.T(words.ZH, key, "n", n), words.T(words.EN, key, "n", n))
}

// notes is what reading has to say: one note for a file and a code, however many
// names it has, and one for all files where nothing was missed.
func notes(list []source.Note) []finding.Note {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b source.Note) int {
		return strings.Compare(string(a.Code)+"\x00"+a.File, string(b.Code)+"\x00"+b.File)
	})
	var out []finding.Note
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Code == list[0].Code && list[n].File == list[0].File {
			n++
		}
		var details []string
		for _, one := range list[:n] {
			details = append(details, one.Detail)
		}
		out = append(out, finding.Note{
			Code: string(list[0].Code), File: list[0].File, Message: noteText(string(list[0].Code)),
			Detail: listed(details), Incomplete: list[0].Incomplete(),
		})
		list = list[n:]
	}
	return gathered(out)
}

// gathered tells in one note what many files have in common and nobody must act on.
func gathered(list []finding.Note) []finding.Note {
	of := map[string][]string{}
	for _, n := range list {
		if !n.Incomplete {
			of[n.Code] = append(of[n.Code], n.File)
		}
	}
	var out []finding.Note
	told := map[string]bool{}
	for _, n := range list {
		files := of[n.Code]
		switch {
		case n.Incomplete || len(files) <= fewNotes:
			out = append(out, n)
		case !told[n.Code]:
			told[n.Code] = true
			out = append(out, finding.Note{Code: n.Code, Message: noteMany(n.Code, len(files)), Detail: listed(files)})
		}
	}
	return out
}

// maxNotes is how many notes of one code a report holds, one more apart that counts
// the rest.
const maxNotes = 50

// limited leaves out what says the same too often.
func limited(list []finding.Note) []finding.Note {
	of := map[string]int{}
	for _, n := range list {
		of[n.Code]++
	}
	var out []finding.Note
	seen, rest := map[string]int{}, map[string]int{}
	for _, n := range list {
		if seen[n.Code]++; seen[n.Code] <= maxNotes || of[n.Code] == maxNotes+1 {
			out = append(out, n)
			continue
		}
		if rest[n.Code] == 0 {
			rest[n.Code] = len(out)
			more := of[n.Code] - maxNotes
			out = append(out, finding.Note{Code: n.Code, Message: noteMany("more", more), Detail: n.Code})
		}
		out[rest[n.Code]].Incomplete = out[rest[n.Code]].Incomplete || n.Incomplete
	}
	return out
}

// listed is names in one line, the first of many.
func listed(names []string) string {
	names = slices.DeleteFunc(slices.Clone(names), func(s string) bool { return s == "" })
	more := ""
	if n := len(names) - namesTold; n > 0 {
		names, more = names[:namesTold], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(names, ", ") + more
}

// failed is the note of a panic; the value alone would not lead anyone to its cause.
func failed(file string, value any) finding.Note {
	detail := fmt.Sprint(value)
	if len(detail) > 300 {
		detail = detail[:300]
	}
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for panicked := false; ; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic" || strings.HasPrefix(f.Function, "runtime.panic") || strings.HasPrefix(f.Function, "runtime.sig"):
			panicked = true
		case panicked && strings.HasPrefix(f.Function, "clew/"):
			detail += " (" + path.Base(path.Dir(f.File)) + "/" + path.Base(f.File) + ":" + strconv.Itoa(f.Line) + ")"
			more = false
		}
		if !more {
			break
		}
	}
	return finding.Note{Code: NoteInternal, File: file, Message: noteText(NoteInternal), Detail: strings.ToValidUTF8(detail, "?"), Incomplete: true}
}

// cutOff says where a page was not followed to its end.
func cutOff(pg *program.Page) []finding.Note {
	what := pg.CutOff()
	if len(what) == 0 {
		return nil
	}
	return []finding.Note{{
		Code: NoteCutOff, File: pg.Unit.Name(), Message: noteText(NoteCutOff), Detail: listed(what), Incomplete: true,
	}}
}

// muchStepped is how many places a parser may step over in a file that still counts
// as looked at, and how many bytes of the file it takes for one more.
const (
	muchStepped = 20
	stepEvery   = 500
)

// stepped says how many places of which files were not understood.
func stepped(places map[*source.File]int) []finding.Note {
	var out []finding.Note
	for f, n := range places {
		if n == 0 || f.Vendored {
			continue
		}
		out = append(out, finding.Note{
			Code: NoteStepped, File: f.Path, Message: noteText(NoteStepped), Detail: fmt.Sprintf("places: %d", n),
			Incomplete: n > muchStepped+len(f.Text)/stepEvery,
		})
	}
	slices.SortFunc(out, func(a, b finding.Note) int { return strings.Compare(a.File, b.File) })
	return gathered(out)
}

// joinNotes makes one note of what several targets said of a page.
func joinNotes(list []finding.Note) []finding.Note {
	type key struct{ code, file string }
	said := map[key]bool{}
	return slices.DeleteFunc(list, func(n finding.Note) bool {
		k := key{n.Code, n.File}
		if said[k] {
			return true
		}
		said[k] = true
		return false
	})
}
