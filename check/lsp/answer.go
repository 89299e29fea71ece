package lsp

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"clew/check/source"
	"clew/finding"
)

// below is the file at a slash-separated path under dir.
func below(dir, rel string) (string, bool) {
	if !fs.ValidPath(rel) || rel == "." {
		return "", false
	}
	return filepath.Join(dir, filepath.FromSlash(rel)), true
}

// shows reports whether a finding is to be seen in an editor.
func shows(f *finding.Finding) bool {
	return f.Verdict == finding.Violation || f.Verdict == finding.Review
}

// diagnostic is a finding as the editor shows it. s.mu is held.
func (s *server) diagnostic(r *root, f *finding.Finding) diagnostic {
	can := s.client.Capabilities.TextDocument.Publish
	d := diagnostic{Range: spanOf(f.Place), Severity: severityError, Code: f.Rule, Source: "clew", Message: f.Message[s.lang]}
	if f.Verdict == finding.Review {
		d.Severity = severityInformation
	}
	if f.Fix != nil {
		d.Message += "\n" + f.Fix.Message[s.lang]
	}
	if rule := ruleOf(r.report, f.Rule); rule != nil && rule.HelpURI != "" && can.CodeDescription {
		d.CodeDescription = &codeDescription{rule.HelpURI}
	}
	if can.Related {
		for _, step := range f.Path {
			if file, ok := below(r.dir, step.Place.File); ok {
				d.Related = append(d.Related, related{location{s.uri(file), spanOf(step.Place)}, step.Message[s.lang]})
			}
		}
	}
	return d
}

func ruleOf(report *finding.Report, id string) *finding.Rule {
	for i := range report.Rules {
		if report.Rules[i].ID == id {
			return &report.Rules[i]
		}
	}
	return nil
}

// at is the findings of an open buffer that touch where, with the folder they come
// from; none if the buffer has changed since they were made. s.mu is held.
func (s *server) at(uri string, where span) (r *root, doc *document, found []*finding.Finding) {
	file, ok := fileOf(uri)
	if !ok || s.docs[file] == nil {
		return nil, nil, nil
	}
	doc = s.docs[file]
	for _, one := range s.roots {
		rel, ok := inside(one.dir, file)
		if !ok || one.report == nil || s.owned(one, rel) == "" || !s.unchanged(one, file) {
			continue
		}
		r = one
		for i := range one.report.Findings {
			if f := &one.report.Findings[i]; f.Place.File == rel && shows(f) && spanOf(f.Place).touches(where) {
				found = append(found, f)
			}
		}
	}
	return r, doc, found
}

// unchanged reports whether r's report is about the text of file as it is now.
func (s *server) unchanged(r *root, file string) bool {
	doc, version := s.docs[file], -1
	if v, ok := r.versions[file]; ok {
		version = v
	}
	return doc == nil && version == -1 || doc != nil && doc.version == version
}

// codeAction offers the edits of findings, and a comment that answers for them.
func (s *server) codeAction(_ context.Context, p documentParams) (any, error) {
	actions := []codeAction{}
	only := p.Context.Only
	if len(only) > 0 && !slices.ContainsFunc(only, func(k string) bool { return k == "" || k == "quickfix" }) {
		return actions, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r, doc, found := s.at(p.Document.URI, p.Range)
	for _, f := range found {
		if edit, ok := s.mend(r, f); ok {
			actions = append(actions, codeAction{
				Title: f.Fix.Message[s.lang], Kind: "quickfix", IsPreferred: true,
				Diagnostics: []diagnostic{s.diagnostic(r, f)}, Edit: edit,
			})
		}
	}
	for _, f := range found {
		title := finding.Say("忽略 "+f.Rule+"（在冒号后写明理由）", "Ignore "+f.Rule+" (write why after the colon)")
		actions = append(actions, codeAction{
			Title: title[s.lang], Kind: "quickfix", Diagnostics: []diagnostic{s.diagnostic(r, f)},
			Edit: workspaceEdit{map[string][]textEdit{doc.uri: {ignoring(f, doc.text)}}},
		})
	}
	return actions, nil
}

// mend is the edits that put a finding right; false if there are none, or one is
// about a text that has changed.
func (s *server) mend(r *root, f *finding.Finding) (workspaceEdit, bool) {
	if f.Fix == nil || len(f.Fix.Edits) == 0 {
		return workspaceEdit{}, false
	}
	edit := workspaceEdit{map[string][]textEdit{}}
	for _, e := range f.Fix.Edits {
		file, ok := below(r.dir, e.Place.File)
		if !ok || e.Place.Line == 0 || !s.unchanged(r, file) {
			return workspaceEdit{}, false
		}
		uri := s.uri(file)
		edit.Changes[uri] = append(edit.Changes[uri], textEdit{spanOf(e.Place), e.New})
	}
	return edit, true
}

// ignoring puts a comment above the finding's line, in the language that is spoken
// there. It ends where the reason must be written: a reason that a machine made up
// would be none, and without one the comment does nothing.
func ignoring(f *finding.Finding, text string) textEdit {
	eol := "\n"
	if strings.Contains(text, "\r\n") {
		eol = "\r\n"
	}
	claim, line := "clew-ignore "+f.Rule+": ", f.Place.Line-1
	if f.Place.Line == 0 {
		claim, line = "clew-ignore-file "+f.Rule+": ", 0
	}
	lines := strings.Split(text, "\n")
	line = min(line, len(lines)-1)
	open, shut := "// ", ""
	if kind := source.KindOf(f.Place.File); speaksMarkup(kind, lines[:line]) {
		// A comment cannot stand within a tag: it goes above where the tag begins.
		for up := line; f.Place.Line > 0 && up >= 0 && line-up < 100; up-- {
			if strings.HasPrefix(strings.TrimSpace(lines[up]), "<") {
				line = up
				break
			}
		}
		open, shut = "<!-- ", " -->"
	} else if kind == source.Style {
		open, shut = "/* ", " */"
	} else if strings.HasPrefix(strings.TrimSpace(lines[line]), "<") && betweenElements(lines[:line]) {
		open, shut = "{/* ", " */}"
	}
	indent := lines[line][:len(lines[line])-len(strings.TrimLeft(lines[line], " \t"))]
	at := position{Line: line}
	return textEdit{span{at, at}, indent + open + claim + shut + eol}
}

// speaksMarkup reports whether the line after these takes <!-- -->.
func speaksMarkup(kind source.FileKind, before []string) bool {
	switch kind {
	case source.Template:
		return true
	case source.Page, source.Component:
		for _, l := range slices.Backward(before) {
			if strings.Contains(l, "</script") || strings.Contains(l, "</style") || strings.Contains(l, "<template") {
				return true
			}
			if strings.Contains(l, "<script") || strings.Contains(l, "<style") {
				return false
			}
		}
		return true
	}
	return false
}

// betweenElements reports whether the line after these stands inside a JSX element
// rather than where an expression begins.
func betweenElements(before []string) bool {
	for _, l := range slices.Backward(before) {
		l = strings.TrimSpace(l)
		if l == "" {
			continue
		}
		for _, end := range []string{"(", "=>", "return", "&&", "||", "??", "?", ":", ",", "[", "=", "{"} {
			if strings.HasSuffix(l, end) {
				return false
			}
		}
		return true
	}
	return false
}

// hover says what the rules ask whose findings stand under the pointer.
func (s *server) hover(_ context.Context, p documentParams) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, _, found := s.at(p.Document.URI, span{p.Position, p.Position})
	if len(found) == 0 {
		return nil, nil
	}
	markdown := slices.Contains(s.client.Capabilities.TextDocument.Hover.Format, "markdown")
	bold := func(text string) string {
		if markdown {
			return "**" + text + "**"
		}
		return text
	}
	var parts []string
	for _, f := range found {
		clause := finding.Say("条款 "+f.Clause, "clause "+f.Clause)[s.lang]
		part := bold(f.Rule) + " · " + clause
		if rule := ruleOf(r.report, f.Rule); rule != nil {
			part = bold(rule.Title[s.lang]) + " · " + clause + "\n\n" + rule.Summary[s.lang]
			if rule.HelpURI != "" && markdown {
				part += "\n\n[" + f.Rule + "](" + rule.HelpURI + ")"
			} else {
				part += "\n\n" + f.Rule + strings.TrimRight(" "+rule.HelpURI, " ")
			}
		}
		if !slices.Contains(parts, part) {
			parts = append(parts, part)
		}
	}
	kind, between := "plaintext", "\n\n"
	if markdown {
		kind, between = "markdown", "\n\n---\n\n"
	}
	return hover{markup{kind, strings.Join(parts, between)}, spanOf(found[0].Place)}, nil
}
