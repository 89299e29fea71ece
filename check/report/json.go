package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"clew/finding"
)

// Format is the first field of every JSON report. Fields may be added under it; a
// field that changes its meaning or goes away makes it clew-check/2.
const Format = "clew-check/1"

// document is a report as JSON writes it: the format, then the report's fields as
// the finding package tags them. Every text is an object of "zh" and "en"; lines
// and columns count from 1, columns in UTF-16 code units, ends excluded; start and
// end are byte offsets in the file as it lies on disk. "rules" and "findings" are
// always there, other lists only if they hold something.
type document struct {
	Format string `json:"format"`
	*finding.Report
}

// JSON writes the whole report, indented, in one fixed order of fields: equal
// reports give equal bytes. Strings hold what source said, escaped as JSON asks.
func JSON(w io.Writer, r *finding.Report) error {
	whole := *r
	if whole.Rules == nil {
		whole.Rules = []finding.Rule{}
	}
	if whole.Findings == nil {
		whole.Findings = []finding.Finding{}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document{Format, &whole})
}

// ReadJSON reads what [JSON] wrote, also by a later version that knew more fields.
// Another format, or anything after the document, is an error.
func ReadJSON(rd io.Reader) (*finding.Report, error) {
	d := json.NewDecoder(rd)
	doc := document{Report: &finding.Report{}}
	if err := d.Decode(&doc); err != nil {
		return nil, fmt.Errorf("read report: %w", err)
	}
	if doc.Format != Format {
		return nil, fmt.Errorf("read report: format %q, want %q", doc.Format, Format)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read report: something follows the document")
	}
	return doc.Report, nil
}
