package settings

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"clew/finding"
)

// baselineFormat is the version of the file's own shape; what the fingerprints are
// made of has its version in [finding.FingerprintVersion].
const baselineFormat = 1

// maxBaseline is how many bytes of a baseline are read: some 300,000 entries.
const maxBaseline = 64 << 20

// Baseline is what was there before a project began to be checked, so that only
// what is new stops anybody. The zero Baseline answers for nothing.
type Baseline struct {
	File    string // it was read from
	Entries []Entry
}

// Entry is one finding without its place in the file, which moves too often.
// Everything but the fingerprint is for people.
type Entry struct {
	Fingerprint string `json:"fingerprint"`
	Rule        string `json:"rule"`
	Clause      string `json:"clause"`
	File        string `json:"file"`
}

func (e Entry) compare(o Entry) int {
	return cmp.Or(cmp.Compare(e.File, o.File), cmp.Compare(e.Rule, o.Rule), cmp.Compare(e.Clause, o.Clause), cmp.Compare(e.Fingerprint, o.Fingerprint))
}

type baselineFile struct {
	Format       int     `json:"clew_baseline"`
	Fingerprints string  `json:"fingerprints"`
	Findings     []Entry `json:"findings"`
}

// ReadBaseline reads what [WriteBaseline] wrote. A file that is none, or is of
// another version, is an [*Error]; name is only for its text.
func ReadBaseline(name string, r io.Reader) (Baseline, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBaseline+1))
	if err != nil {
		return Baseline{}, fmt.Errorf("settings: %s: %w", name, err)
	}
	again := finding.Say("用 clew check --write-baseline "+name+" 重新生成", "write it anew with clew check --write-baseline "+name)
	refuse := func(offset int, zh, en string) (Baseline, error) {
		p := finding.Place{File: name}
		if offset >= 0 {
			before := data[:min(offset, len(data))]
			at := bytes.LastIndexByte(before, '\n') + 1
			p.Line, p.Column = 1+bytes.Count(before, []byte("\n")), 1+units(string(before[at:]))
			p.Start, p.End, p.EndLine, p.EndColumn = len(before), len(before), p.Line, p.Column
		}
		return Baseline{}, &Error{[]Wrong{{p, finding.Say(zh, en), again}}}
	}
	if len(data) > maxBaseline {
		return refuse(-1, "清单超过 64 MB", "the baseline is larger than 64 MB")
	}
	var file baselineFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		offset := int(d.InputOffset())
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			offset = int(syntax.Offset) - 1
		}
		return refuse(max(offset, 0), "清单读不懂（"+err.Error()+"）", "the baseline cannot be read: "+err.Error())
	}
	if rest := bytes.TrimSpace(data[d.InputOffset():]); len(rest) > 0 {
		return refuse(int(d.InputOffset()), "清单之后还有内容", "something follows the baseline")
	}
	if file.Format != baselineFormat {
		return refuse(-1, "清单格式版本 "+strconv.Itoa(file.Format)+" 不认识，本程序用 "+strconv.Itoa(baselineFormat),
			"the baseline has format "+strconv.Itoa(file.Format)+", this program reads "+strconv.Itoa(baselineFormat))
	}
	if file.Fingerprints != finding.FingerprintVersion {
		return refuse(-1, "清单的指纹版本是 "+quoted(file.Fingerprints)+"，本程序用 "+finding.FingerprintVersion+"，两者无法对照",
			"the baseline has fingerprints of version "+quoted(file.Fingerprints)+", this program makes "+finding.FingerprintVersion+", and the two cannot be compared")
	}
	if i := slices.IndexFunc(file.Findings, func(e Entry) bool { return e.Fingerprint == "" || e.Rule == "" || e.File == "" }); i >= 0 {
		return refuse(-1, "清单第 "+strconv.Itoa(i+1)+" 项缺少指纹、规则或文件", "entry "+strconv.Itoa(i+1)+" of the baseline lacks its fingerprint, rule or file")
	}
	return Baseline{File: name, Entries: file.Findings}, nil
}

// WriteBaseline writes all that a report would have somebody answer for, and what
// an earlier baseline already answers for; what a comment answers for stays with
// the comment. Entries are sorted and stand on a line each, so that two people's
// changes can be merged.
func WriteBaseline(w io.Writer, r *finding.Report) error {
	var entries []Entry
	add := func(f finding.Finding) error {
		if !answerable(f) {
			return nil
		}
		if f.Fingerprint == "" {
			return fmt.Errorf("settings: a finding of rule %q at %v has no fingerprint", f.Rule, f.Place)
		}
		entries = append(entries, Entry{f.Fingerprint, f.Rule, f.Clause, f.Place.File})
		return nil
	}
	for _, f := range r.Findings {
		if err := add(f); err != nil {
			return err
		}
	}
	for _, s := range r.Suppressed {
		if s.Kind != kindBefore {
			continue
		}
		if err := add(s.Finding); err != nil {
			return err
		}
	}
	slices.SortFunc(entries, Entry.compare)
	entries = slices.Compact(entries)
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "{\n  \"clew_baseline\": %d,\n  \"fingerprints\": %q,\n  \"findings\": [", baselineFormat, finding.FingerprintVersion)
	for i, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("settings: %w", err)
		}
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString("\n    ")
		out.Write(line)
	}
	if len(entries) > 0 {
		out.WriteString("\n  ")
	}
	out.WriteString("]\n}\n")
	return out.Flush()
}

// Apply takes the findings that were there before out of the list, and notes how
// many entries no longer occur. looked says whether a run looked at a file, so that
// an entry is not called gone because nobody looked; nil is every file.
func (b Baseline) Apply(list []finding.Finding, looked func(file string) bool) (kept []finding.Finding, suppressed []finding.Suppressed, notes []finding.Note) {
	there := make(map[string]bool, len(b.Entries))
	for _, e := range b.Entries {
		there[e.Fingerprint] = false
	}
	for _, f := range list {
		if _, ok := there[f.Fingerprint]; !ok || !answerable(f) {
			kept = append(kept, f)
			continue
		}
		there[f.Fingerprint] = true
		suppressed = append(suppressed, finding.Suppressed{Finding: f, Kind: kindBefore})
	}
	var gone []string
	for _, e := range b.Entries {
		if !there[e.Fingerprint] && (looked == nil || looked(e.File)) {
			gone = append(gone, e.File+" "+e.Rule)
		}
	}
	if n := len(gone); n > 0 {
		detail := strings.Join(gone[:min(n, 5)], ", ")
		if n > 5 {
			detail += ", …"
		}
		count := strconv.Itoa(n)
		notes = []finding.Note{{
			Code: NoteGone, File: b.File, Detail: detail,
			Message: finding.Say("清单中有 "+count+" 项已不存在，用 clew check --write-baseline "+b.File+" 重新生成",
				"entries of the baseline that are gone: "+count+"; write it anew with clew check --write-baseline "+b.File),
		}}
	}
	return kept, suppressed, notes
}
