package lsp

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"

	"clew/finding"
)

// The parts of the Language Server Protocol 3.17 that are spoken here, under the
// protocol's own names. Lines and characters count from 0, in UTF-16 code units.

type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

func (p position) before(o position) bool {
	return p.Line < o.Line || p.Line == o.Line && p.Character < o.Character
}

type span struct {
	Start position `json:"start"`
	End   position `json:"end"`
}

// touches reports whether the two share a position; their ends count.
func (s span) touches(o span) bool { return !s.End.before(o.Start) && !o.End.before(s.Start) }

// spanOf turns a place, which counts from 1, round. A finding about the file as a
// whole stands at its beginning.
func spanOf(p finding.Place) span {
	if p.Line == 0 {
		return span{}
	}
	s := span{Start: position{p.Line - 1, max(p.Column-1, 0)}}
	s.End = s.Start
	if end := (position{p.EndLine - 1, max(p.EndColumn-1, 0)}); p.EndLine > 0 && s.Start.before(end) {
		s.End = end
	}
	return s
}

type location struct {
	URI   string `json:"uri"`
	Range span   `json:"range"`
}

// Severities.
const (
	severityError       = 1
	severityInformation = 3
)

type diagnostic struct {
	Range           span             `json:"range"`
	Severity        int              `json:"severity"`
	Code            string           `json:"code,omitempty"`
	CodeDescription *codeDescription `json:"codeDescription,omitempty"`
	Source          string           `json:"source"`
	Message         string           `json:"message"`
	Related         []related        `json:"relatedInformation,omitempty"`
}

type codeDescription struct {
	Href string `json:"href"`
}

type related struct {
	Location location `json:"location"`
	Message  string   `json:"message"`
}

type publishParams struct {
	URI         string       `json:"uri"`
	Version     *int         `json:"version,omitempty"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

type textEdit struct {
	Range   span   `json:"range"`
	NewText string `json:"newText"`
}

type workspaceEdit struct {
	Changes map[string][]textEdit `json:"changes"`
}

type codeAction struct {
	Title       string        `json:"title"`
	Kind        string        `json:"kind"`
	Diagnostics []diagnostic  `json:"diagnostics,omitempty"`
	IsPreferred bool          `json:"isPreferred,omitempty"`
	Edit        workspaceEdit `json:"edit"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

type hover struct {
	Contents markup `json:"contents"`
	Range    span   `json:"range"`
}

type folder struct {
	URI string `json:"uri"`
}

type initializeParams struct {
	Locale       string   `json:"locale"`
	RootURI      string   `json:"rootUri"`
	Folders      []folder `json:"workspaceFolders"`
	Capabilities struct {
		Window struct {
			WorkDoneProgress bool `json:"workDoneProgress"`
		} `json:"window"`
		Workspace struct {
			Watched struct {
				DynamicRegistration bool `json:"dynamicRegistration"`
			} `json:"didChangeWatchedFiles"`
		} `json:"workspace"`
		TextDocument struct {
			Publish struct {
				Related         bool `json:"relatedInformation"`
				Version         bool `json:"versionSupport"`
				CodeDescription bool `json:"codeDescriptionSupport"`
			} `json:"publishDiagnostics"`
			Hover struct {
				Format []string `json:"contentFormat"`
			} `json:"hover"`
		} `json:"textDocument"`
	} `json:"capabilities"`
}

type documentParams struct {
	Document struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
		Text    string `json:"text"` // of didOpen
	} `json:"textDocument"`
	Changes []struct { // of didChange
		Range *span  `json:"range"`
		Text  string `json:"text"`
	} `json:"contentChanges"`
	Position position `json:"position"` // of hover
	Range    span     `json:"range"`    // of codeAction
	Context  struct {
		Only []string `json:"only"`
	} `json:"context"`
}

type foldersParams struct {
	Event struct {
		Added   []folder `json:"added"`
		Removed []folder `json:"removed"`
	} `json:"event"`
}

type watchedParams struct {
	Changes []folder `json:"changes"`
}

// fileOf is the file on disk that a URI names; false for any other scheme or host.
func fileOf(uri string) (string, bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Host != "" && u.Host != "localhost" || u.Path == "" {
		return "", false
	}
	p := u.Path
	if runtime.GOOS == "windows" && len(p) > 2 && p[0] == '/' && p[2] == ':' {
		p = strings.ToUpper(p[1:2]) + p[2:]
	}
	p = filepath.Clean(filepath.FromSlash(p))
	return p, filepath.IsAbs(p) && !strings.ContainsRune(p, 0)
}

func uriOf(file string) string {
	p := filepath.ToSlash(file)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p}).String()
}

// inside is where file lies below dir, slash-separated; false if it does not.
func inside(dir, file string) (string, bool) {
	rel, err := filepath.Rel(dir, file)
	if err != nil || rel == "." || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", false
	}
	return filepath.ToSlash(rel), true
}
