package report

import (
	"bytes"
	"io"
	"strconv"
	"strings"

	"clew/finding"
	"clew/words"
)

// GitHub writes workflow commands, one a line, which GitHub Actions shows beside
// the changed code: violations as errors, reviews as notices, what was not read as
// warnings. Files are named from where the command ran, which is the repository's
// root unless a workflow says otherwise. Nothing is left out; GitHub itself shows
// only the first of many. The only error is w's.
func GitHub(w io.Writer, r *finding.Report, lang words.Lang) error {
	var out bytes.Buffer
	for i := range r.Findings {
		f := &r.Findings[i]
		switch f.Verdict {
		case finding.Violation:
			annotate(&out, "error", r.Root, f.Place, title(r, f, lang), advice(r, f, lang))
		case finding.Review:
			annotate(&out, "notice", r.Root, f.Place, title(r, f, lang), advice(r, f, lang))
		}
	}
	for _, n := range r.Notes {
		if n.Incomplete {
			text := clean(said(n.Message, lang))
			if n.Detail != "" {
				text += "\n" + clean(n.Detail)
			}
			annotate(&out, "warning", r.Root, finding.Place{File: n.File}, "", text)
		}
	}
	_, err := w.Write(out.Bytes())
	return err
}

func title(r *finding.Report, f *finding.Finding, lang words.Lang) string {
	title := clean(f.Clause) + " " + clauseTitle(r.Edition, f.Clause, lang)
	return strings.TrimSpace(title) + words.T(lang, "check.colon") + words.T(lang, "check.verdict."+string(f.Verdict))
}

// advice is what an annotation says: what is wrong, by which path, how to mend it.
func advice(r *finding.Report, f *finding.Finding, lang words.Lang) string {
	lines := []string{clean(said(f.Message, lang))}
	if len(f.Path) > 0 {
		lines = append(lines, "", words.T(lang, "check.label.path"))
		for i, s := range f.Path {
			place := reachable(r.Root, s.Place.File)
			if s.Place.Line > 0 {
				place += ":" + strconv.Itoa(s.Place.Line)
			}
			lines = append(lines, strconv.Itoa(i+1)+". "+clean(place)+" "+clean(said(s.Message, lang)))
		}
	}
	if f.Fix != nil {
		lines = append(lines, "", words.T(lang, "check.label.fix")+words.T(lang, "check.colon")+clean(said(f.Fix.Message, lang)))
	}
	if len(f.Platforms) > 0 {
		lines = append(lines, words.T(lang, "check.label.platforms")+words.T(lang, "check.colon")+clean(strings.Join(f.Platforms, words.T(lang, "check.and"))))
	}
	return strings.Join(append(lines, "", clean(explain(f.Rule))), "\n")
}

// What ends a command, a property or a value must be written as its code
// (actions/toolkit, "command.ts").
var (
	data     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func annotate(out *bytes.Buffer, command, root string, p finding.Place, title, text string) {
	var props []string
	add := func(name, value string) {
		if value != "" {
			props = append(props, name+"="+property.Replace(value))
		}
	}
	number := func(name string, n int) {
		if n > 0 {
			add(name, strconv.Itoa(n))
		}
	}
	if p.File != "" {
		add("file", reachable(root, p.File))
	}
	if p.Line > 0 {
		number("line", p.Line)
		end := max(p.Line, p.EndLine)
		number("endLine", end)
		// Columns count within one line only; GitHub refuses them for several.
		if end == p.Line {
			number("col", p.Column)
			if p.EndColumn >= p.Column {
				number("endColumn", p.EndColumn)
			}
		}
	}
	add("title", title)
	out.WriteString("::" + command)
	if len(props) > 0 {
		out.WriteString(" " + strings.Join(props, ","))
	}
	out.WriteString("::" + data.Replace(text) + "\n")
}
