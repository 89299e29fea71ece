package sarif

import (
	"encoding/base64"
	"net/url"
	"strings"
	"unicode/utf8"

	"clew/finding"
)

// kinds is how a verdict is called (3.27.9). An unknown verdict is a review:
// somebody has to look.
var kinds = map[finding.Verdict]string{
	finding.Violation: "fail", finding.Review: "review", finding.Pass: "pass", finding.NotApplicable: "notApplicable",
}

func (w *writer) result(f *finding.Finding) result {
	kind, level := kinds[f.Verdict], "none"
	switch kind {
	case "":
		kind = "review"
	case "fail":
		level = "error"
	}
	text := w.say(f.Message)
	if text == "" {
		text = f.Rule // a message must say something
	}
	at := w.location(f.Place)
	if n := len(f.Members); n > 0 {
		at.LogicalLocations = []logicalLocation{{f.Members[n-1], strings.Join(f.Members, ".")}}
	}
	out := result{
		RuleID: f.Rule, Kind: kind, Level: level, Message: escaped(text), Locations: []location{at},
		Properties: properties{"clause": f.Clause},
	}
	if i, ok := w.rules[f.Rule]; ok {
		out.RuleIndex = &i
	}
	if f.Fingerprint != "" {
		out.PartialFingerprints = map[string]string{finding.FingerprintVersion: f.Fingerprint}
	}
	if ref, ok := w.clause(f.Clause); ok {
		out.Taxa = []descriptorRef{ref}
	}
	for name, value := range w.otherwise(f.Message) {
		out.Properties[name] = value
	}
	if f.Capability != "" {
		out.Properties["capability"] = f.Capability
	}
	if len(f.Platforms) > 0 {
		out.Properties["platforms"] = f.Platforms
	}
	if f.Fix != nil {
		out.Properties["fix"] = f.Fix.Message
	}
	if len(f.Path) > 0 {
		out.CodeFlows = []codeFlow{{[]threadFlow{{w.steps(f.Path)}}}}
	}
	out.Fixes = w.fixes(f.Fix)
	for _, e := range f.Evidence {
		if e.Name != "" {
			out.Attachments = append(out.Attachments, attachment{escaped(e.Kind), artifactLocation{URI: relative(e.Name)}})
		}
	}
	return out
}

// steps is the way to the effect. All of it: a consumer that shows less may cut.
func (w *writer) steps(path []finding.Step) []threadFlowLocation {
	out := make([]threadFlowLocation, len(path))
	for i, s := range path {
		at := w.location(s.Place)
		if text := w.say(s.Message); text != "" {
			m := escaped(text)
			at.Message = &m
		}
		for name, value := range w.otherwise(s.Message) {
			if at.Properties == nil {
				at.Properties = properties{}
			}
			at.Properties[name] = value
		}
		out[i] = threadFlowLocation{Location: at}
	}
	out[len(out)-1].Importance = "essential"
	return out
}

func (w *writer) suppression(s *finding.Suppressed) suppression {
	out := suppression{Kind: "external", Justification: s.Reason}
	if s.Kind == "source" {
		out.Kind = "inSource"
	}
	if s.Place != nil {
		at := w.location(*s.Place)
		out.Location = &at
	}
	return out
}

// fixes is what a machine may do alone; words of advice are in properties.fix.
func (w *writer) fixes(f *finding.Fix) []fix {
	if f == nil || len(f.Edits) == 0 {
		return nil
	}
	text := w.say(f.Message)
	if text == "" {
		text = "–"
	}
	out := fix{Description: escaped(text)}
	at := map[string]int{}
	for _, e := range f.Edits {
		i, ok := at[e.Place.File]
		if !ok {
			i = len(out.ArtifactChanges)
			at[e.Place.File] = i
			out.ArtifactChanges = append(out.ArtifactChanges, artifactChange{ArtifactLocation: artifact(e.Place.File)})
		}
		out.ArtifactChanges[i].Replacements = append(out.ArtifactChanges[i].Replacements, replace(e))
	}
	return []fix{out}
}

// replace is one edit: of text where the place has lines, else of bytes (3.57.3
// lets a replacement be one of the two).
func replace(e finding.Edit) replacement {
	if e.Place.Line > 0 {
		r := lines(e.Place)
		if r.EndColumn == 0 { // nothing is deleted, not the rest of the line
			r.EndLine, r.EndColumn = r.StartLine, r.StartColumn
		}
		return replacement{r, &content{Text: &e.New}}
	}
	start, length := max(0, e.Place.Start), max(0, e.Place.End-e.Place.Start)
	out := replacement{DeletedRegion: region{ByteOffset: &start, ByteLength: &length}}
	if e.New != "" {
		out.InsertedContent = &content{Binary: base64.StdEncoding.EncodeToString([]byte(e.New))}
	}
	return out
}

// location is a place. Where a finding is about the file as a whole the region is
// an empty one at its beginning, since code-scanning services ask for a region,
// and wholeFile says what is meant.
func (w *writer) location(p finding.Place) location {
	at := physicalLocation{ArtifactLocation: artifact(p.File)}
	if p.Line < 1 {
		at.Region = &region{StartLine: 1, StartColumn: 1, EndLine: 1, EndColumn: 1}
		return location{PhysicalLocation: &at, Properties: properties{"wholeFile": true}}
	}
	r := lines(p)
	if p.Start >= 0 && p.End > p.Start {
		start, length := p.Start, p.End-p.Start
		r.ByteOffset, r.ByteLength = &start, &length
	}
	if w.options.Source != nil {
		if text, ok := w.options.Source(p.File); ok {
			if snippet := stretch(string(text), r); snippet != "" {
				r.Snippet = &content{Text: &snippet}
			}
		}
	}
	at.Region = &r
	return location{PhysicalLocation: &at}
}

// lines is the text region of a place. An end that is missing or lies before the
// beginning is left out, which is to say: to the end of the line (3.30.8).
func lines(p finding.Place) region {
	r := region{StartLine: p.Line, StartColumn: max(1, p.Column)}
	if end := max(p.EndLine, p.Line); p.EndColumn > 0 && (end > p.Line || p.EndColumn >= r.StartColumn) {
		r.EndLine, r.EndColumn = end, p.EndColumn
	}
	return r
}

// What is longer than this is not repeated as a snippet: a bundle's one line
// would fill the document, and viewers have the file.
const snippetBytes = 4096

// stretch is the text of a region, "" if it is not wholly there or too long.
// Lines end as in check/source: at \n, at \r\n, at a lone \r.
func stretch(text string, r region) string {
	if r.EndLine == 0 {
		return ""
	}
	text = strings.TrimPrefix(text, "\ufeff")
	line := 1
	next := func() bool {
		i := strings.IndexAny(text, "\r\n")
		if i < 0 {
			return false
		}
		if strings.HasPrefix(text[i:], "\r\n") {
			i++
		}
		text = text[i+1:]
		line++
		return true
	}
	for line < r.StartLine {
		if !next() {
			return ""
		}
	}
	from, ok := offset(text, r.StartColumn)
	if !ok {
		return ""
	}
	begin := text
	for line < r.EndLine {
		if len(begin)-len(text) > snippetBytes || !next() {
			return ""
		}
	}
	to, ok := offset(text, r.EndColumn)
	to += len(begin) - len(text)
	if !ok || to < from || to-from > snippetBytes || !utf8.ValidString(begin[from:to]) {
		return ""
	}
	return begin[from:to]
}

// offset is the byte offset of a column, counted in UTF-16 code units from 1,
// in the first line of text; not ok if that line is shorter.
func offset(text string, column int) (int, bool) {
	n := 1
	for i, r := range text {
		if n >= column {
			return i, n == column
		}
		if r == '\n' || r == '\r' || i > snippetBytes {
			return 0, false
		}
		if n++; r > 0xFFFF {
			n++
		}
	}
	return len(text), n == column
}

// artifact names a file below what was checked, or a page by its address.
func artifact(file string) artifactLocation {
	if uri, ok := address(file); ok {
		return artifactLocation{URI: uri}
	}
	return artifactLocation{URI: relative(file), URIBaseID: srcroot}
}

// address is s as an absolute URI of the web, if it is one.
func address(s string) (uri string, ok bool) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return "", false
	}
	// net/url lets a bare IPv6 address pass, RFC 3986 (3.2.2) does not.
	if strings.Contains(u.Hostname(), ":") && !strings.HasPrefix(u.Host, "[") {
		return "", false
	}
	return u.String(), true
}

// relative is a slash-separated path as a relative reference (RFC 3986, 4.2): a
// colon is escaped everywhere, since it would make a scheme of the first segment,
// and no slash leads.
func relative(file string) string {
	parts := strings.Split(strings.TrimLeft(file, "/"), "/")
	for i, s := range parts {
		parts[i] = strings.ReplaceAll(url.PathEscape(s), ":", "%3A")
	}
	return strings.Join(parts, "/")
}
