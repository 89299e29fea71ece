package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"clew/access"
	"clew/db"
)

const (
	// MaxPapers is how many papers an application may have.
	MaxPapers = 9
	// MaxPaper is the most bytes of one paper.
	MaxPaper = 5 << 20
	maxName  = 120 // runes of a file's name
)

// NewPaper is a file as the operator hands it in.
type NewPaper struct {
	Name    string
	Content []byte
}

// Paper is a kept file. Its name is what the operator called it; its media type is
// told by its bytes.
type Paper struct {
	ID        string `json:"-"`
	Name      string `json:"name"`
	MediaType string `json:"media_type"`
	Size      int    `json:"size"`
	SHA256    string `json:"sha256"` // lower-case hex
}

// PaperProblem is what is wrong with one paper. Index counts from 0 and is -1 for
// all of them together.
type PaperProblem struct {
	Index int
	Name  string // as it was handed in, for the one who handed it in
	Code  string // many, empty, large, kind, name, twice
}

// BadPapers lists what is wrong with papers, all at once.
type BadPapers struct{ Problems []PaperProblem }

func (e *BadPapers) Error() string {
	var parts []string
	for _, p := range e.Problems {
		if p.Index < 0 {
			parts = append(parts, fmt.Sprintf("there are more than %d", MaxPapers))
			continue
		}
		parts = append(parts, fmt.Sprintf("paper %d: %s", p.Index+1, p.Code))
	}
	return fmt.Sprintf("papers must be at most %d PDF, JPEG or PNG files of at most %d MB: %s",
		MaxPapers, MaxPaper>>20, strings.Join(parts, "; "))
}

// mediaType tells a file by its first bytes (ISO 32000 7.5.2, ITU-T T.81 B.1.1.3,
// ISO 15948 5.2); "" is none of the three.
func mediaType(content []byte) string {
	switch {
	case bytes.HasPrefix(content, []byte("%PDF-")):
		return "application/pdf"
	case bytes.HasPrefix(content, []byte{0xff, 0xd8, 0xff}):
		return "image/jpeg"
	case bytes.HasPrefix(content, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	}
	return ""
}

// fileName is the last part of a name as a file system may show it, or "".
func fileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSpace(name)
	hidden := func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) || c == utf8.RuneError }
	if strings.Trim(name, ".") == "" || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, hidden) {
		return ""
	}
	return name
}

func checkPapers(papers []NewPaper) ([]Paper, error) {
	if len(papers) > MaxPapers {
		return nil, &BadPapers{[]PaperProblem{{Index: -1, Code: "many"}}}
	}
	var wrong []PaperProblem
	seen := map[string]bool{}
	kept := make([]Paper, len(papers))
	for i, p := range papers {
		sum := sha256.Sum256(p.Content)
		kept[i] = Paper{
			ID: db.NewID("ppr"), Name: fileName(p.Name), MediaType: mediaType(p.Content), Size: len(p.Content), SHA256: hex.EncodeToString(sum[:]),
		}
		for _, check := range []struct {
			bad  bool
			code string
		}{
			{len(p.Content) == 0, "empty"},
			{len(p.Content) > MaxPaper, "large"},
			{len(p.Content) > 0 && kept[i].MediaType == "", "kind"},
			{kept[i].Name == "", "name"},
			{seen[kept[i].SHA256], "twice"},
		} {
			if check.bad {
				wrong = append(wrong, PaperProblem{i, p.Name, check.code})
				break
			}
		}
		seen[kept[i].SHA256] = true
	}
	if len(wrong) > 0 {
		return nil, &BadPapers{wrong}
	}
	return kept, nil
}

func putPapers(ctx context.Context, tx *db.Tx, operator, app, path string, kept []Paper, papers []NewPaper) error {
	if _, err := tx.Exec(ctx, "delete from app_paper where operator=$1 and app=$2 and category=$3", operator, app, path); err != nil {
		return err
	}
	for i, p := range kept { // one by one: together they could exceed what a statement may carry
		if _, err := tx.Exec(ctx, `insert into app_paper (operator, app, id, category, name, media_type, size, sha256, content, at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			operator, app, p.ID, path, p.Name, p.MediaType, p.Size, p.SHA256, papers[i].Content, tx.NowMS()); err != nil {
			return err
		}
	}
	return nil
}

// Papers is what was handed in with the newest application for a category, without
// its content.
func Papers(ctx context.Context, tx *db.Tx, operator, app, path string) ([]Paper, error) {
	return db.Collect(ctx, tx, func(s db.Scanner) (p Paper, err error) {
		return p, s.Scan(&p.ID, &p.Name, &p.MediaType, &p.Size, &p.SHA256)
	}, "select id, name, media_type, size, sha256 from app_paper where operator=$1 and app=$2 and category=$3 order by id", operator, app, path)
}

// Paper is one paper with its content, on the record: papers may name people. Serve
// it as an attachment, never inline. Operators read their own; [ErrUnknown].
func (r *Room) Paper(ctx context.Context, caller access.Caller, operator, app, id string) (Paper, []byte, error) {
	var p Paper
	var content []byte
	err := r.Access.Do(ctx, caller, access.PaperRead, access.Subject{Kind: "app", ID: app}, "", func(tx *db.Tx) (err error) {
		if caller.Operator != "" && caller.Operator != operator {
			return ErrUnknown
		}
		p, err = db.One(ctx, tx, func(s db.Scanner) (p Paper, err error) {
			return p, s.Scan(&p.ID, &p.Name, &p.MediaType, &p.Size, &p.SHA256, &content)
		}, "select id, name, media_type, size, sha256, content from app_paper where operator=$1 and app=$2 and id=$3", operator, app, id)
		if errors.Is(err, db.ErrNone) {
			return ErrUnknown
		}
		return err
	})
	if err != nil {
		return Paper{}, nil, err
	}
	return p, content, nil
}
