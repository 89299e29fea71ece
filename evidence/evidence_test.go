package evidence_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/db"
	"clew/db/dbtest"
	"clew/evidence"
	"clew/ledger"
	"clew/seal"
)

var (
	inspector = access.Caller{Kind: access.KindStaff, ID: "staff_inspector", Role: access.RoleInspector}
	owner     = access.Caller{Kind: access.KindStaff, ID: "staff_owner", Role: access.RoleOwner, Operator: "op_1"}
)

const png = "\x89PNG\r\n\x1a\n"

func bundle() evidence.Bundle {
	return evidence.Bundle{
		Operator: "op_1", App: "app_1", Rules: []string{"entry-popup", "3.2.entry-popup"}, Page: "pages/index/index?p=" + mobile(1),
		Tool: "clew 0.1.0", Steps: []string{"open the page", "wait 3 s", "type " + mobile(2)},
		From: dbtest.Start.Add(-time.Minute), To: dbtest.Start.Add(-time.Second),
		Parts: []evidence.Part{
			{Name: "dom.html", Type: "text/html", Bytes: []byte("<b>" + mobile(3) + "</b><i>+86 " + mobile(4) + "</i>")},
			{Name: "before.png", Type: "image/png", Bytes: []byte(png + mobile(5))},
			{Name: "after.png", Type: "image/png", Bytes: []byte(png + mobile(5))},
		},
	}
}

type shelf struct {
	*testing.T
	room   *evidence.Room
	ledger *ledger.Room
}

func shelves(t *testing.T, fn func(s *shelf)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, _ *dbtest.Clock) {
		ring := seal.TestRing(t)
		fn(&shelf{t, &evidence.Room{DB: d, Access: &access.Room{DB: d, Ring: ring}}, &ledger.Room{DB: d, Ring: ring, Origin: "example.com/ledger"}})
	})
}

func (s *shelf) put(caller access.Caller, b evidence.Bundle) (id string, err error) {
	err = s.room.DB.Write(s.Context(), func(tx *db.Tx) error {
		id, err = s.room.Put(s.Context(), tx, caller, b)
		return err
	})
	return id, err
}

func (s *shelf) must(id string, err error) string {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	return id
}

func (s *shelf) get(id string) evidence.Kept {
	s.Helper()
	k, err := s.room.Get(s.Context(), inspector, id)
	if err != nil {
		s.Fatal(err)
	}
	return k
}

func (s *shelf) exec(query string, args ...any) {
	s.Helper()
	if err := s.room.DB.Write(s.Context(), func(tx *db.Tx) error {
		n, err := tx.Exec(s.Context(), query, args...)
		if err == nil && n == 0 {
			err = errors.New("nothing was changed")
		}
		return err
	}); err != nil {
		s.Fatal(err)
	}
}

func (s *shelf) count(table string) (n int) {
	s.Helper()
	if err := s.room.DB.Read(s.Context(), func(tx *db.Tx) (err error) {
		n, err = db.One(s.Context(), tx, func(r db.Scanner) (n int, err error) { return n, r.Scan(&n) }, "select count(*) from "+table)
		return err
	}); err != nil {
		s.Fatal(err)
	}
	return n
}

func TestABundleIsKeptWithoutNumbersAndByItsHash(t *testing.T) {
	shelves(t, func(s *shelf) {
		id := s.must(s.put(inspector, bundle()))
		k := s.get(id)
		if !k.Sound() || k.By != inspector.ID || !k.At.Equal(dbtest.Start) || len(k.Parts) != 3 || k.Parts[0].Name != "after.png" {
			t.Fatalf("%+v", k)
		}
		sum := sha256.Sum256(k.Manifest.Canonical())
		if hex.EncodeToString(sum[:]) != id {
			s.Error("the id is not the manifest's hash")
		}
		if got := string(k.Parts[2].Bytes); got != "<b>***</b><i>***</i>" || k.Parts[2].Hidden != 2 {
			s.Errorf("%q, %d", got, k.Parts[2].Hidden)
		}
		if !bytes.Equal(k.Parts[0].Bytes, bundle().Parts[1].Bytes) || s.count("evidence_part") != 2 {
			s.Error("a picture was changed, or equal ones are kept twice")
		}
		for i := range 5 {
			if bytes.Contains(k.Manifest.Canonical(), []byte(mobile(i))) {
				s.Error("a number is in the manifest")
			}
		}
		// The same again, in another order, is the same.
		again := bundle()
		slices.Reverse(again.Parts)
		slices.Reverse(again.Rules)
		if other := s.must(s.put(inspector, again)); other != id || s.count("evidence_bundle") != 1 {
			s.Error("the same bundle has two ids")
		}
		another := bundle()
		another.Operator = "op_2"
		if s.must(s.put(access.System("op_2", "patrol"), another)) == id {
			s.Error("two operators share an id")
		}
	})
}

func TestWhoKeepsAndReads(t *testing.T) {
	shelves(t, func(s *shelf) {
		id := s.must(s.put(owner, bundle()))
		other := owner
		other.Operator = "op_2"
		if _, err := s.put(other, bundle()); !errors.Is(err, evidence.ErrUnknown) {
			s.Errorf("for another operator: %v", err)
		}
		var denied *access.Denied
		for _, c := range []access.Caller{
			{Kind: access.KindStaff, ID: "x", Role: access.RoleAuditor},
			{Kind: access.KindStaff, ID: "x", Role: access.RoleAnalyst, Operator: "op_1"},
			{Kind: access.KindPerson, ID: "x"},
		} {
			if _, err := s.put(c, bundle()); !errors.As(err, &denied) {
				s.Errorf("%s keeps: %v", c.Role, err)
			}
		}
		if _, err := s.room.Get(s.Context(), other, id); !errors.Is(err, evidence.ErrUnknown) {
			s.Errorf("another operator reads: %v", err)
		}
		if err := s.room.Export(s.Context(), other, id, io.Discard); !errors.Is(err, evidence.ErrUnknown) {
			s.Errorf("another operator exports: %v", err)
		}
		if k, err := s.room.Get(s.Context(), owner, id); err != nil || !k.Sound() {
			s.Errorf("its own: %v, %v", k.Faults, err)
		}
		if _, err := s.room.Get(s.Context(), access.Caller{Kind: access.KindStaff, ID: "x", Role: access.RoleAnalyst, Operator: "op_1"}, id); !errors.As(err, &denied) {
			s.Errorf("an analyst reads: %v", err)
		}
	})
}

// Whatever was changed in the store is named, and counts for nothing.
func TestTamperingIsSeen(t *testing.T) {
	for _, c := range []struct {
		name, say string
		change    func(s *shelf, k evidence.Kept)
	}{
		{"a bit of a picture", "after.png", func(s *shelf, k evidence.Kept) {
			b := bytes.Clone(k.Parts[0].Bytes)
			b[len(b)-1] ^= 1
			s.exec("update evidence_part set bytes=$1 where sha256=$2", b, k.Parts[0].SHA256)
		}},
		{"a part that is gone", "dom.html", func(s *shelf, k evidence.Kept) {
			s.exec("delete from evidence_part where sha256=$1", k.Parts[2].SHA256)
		}},
		{"an emptied part", "dom.html", func(s *shelf, k evidence.Kept) {
			s.exec("update evidence_part set bytes=$1 where sha256=$2", []byte{}, k.Parts[2].SHA256)
		}},
		{"another page in the manifest", "manifest.json", func(s *shelf, _ evidence.Kept) {
			s.exec("update evidence_bundle set manifest=replace(manifest, 'pages/index', 'pages/other')")
		}},
		{"filed under another app", "another app", func(s *shelf, _ evidence.Kept) { s.exec("update evidence_bundle set app='app_2'") }},
		{"never committed to", "ledger", func(s *shelf, k evidence.Kept) {
			m := k.Manifest
			m.Page = "pages/other"
			text := m.Canonical()
			sum := sha256.Sum256(text)
			s.exec("insert into evidence_bundle (operator, id, app, manifest, by_kind, by_id, at) values ('op_1', $1, 'app_1', $2, 'staff', 'x', 1)",
				hex.EncodeToString(sum[:]), string(text))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			shelves(t, func(s *shelf) {
				id := s.must(s.put(inspector, bundle()))
				c.change(s, s.get(id))
				if c.say == "ledger" {
					if err := s.room.DB.Read(s.Context(), func(tx *db.Tx) (err error) {
						id, err = db.One(s.Context(), tx, func(r db.Scanner) (v string, err error) { return v, r.Scan(&v) }, "select id from evidence_bundle where id<>$1", id)
						return err
					}); err != nil {
						s.Fatal(err)
					}
				}
				k := s.get(id)
				if k.Sound() || !strings.Contains(strings.Join(k.Faults, "; "), c.say) {
					s.Errorf("%v", k.Faults)
				}
				for _, p := range k.Parts {
					if p.Broken != (p.Bytes == nil) {
						s.Errorf("%s is broken and counts", p.Name)
					}
				}
				var broken *evidence.Broken
				var out bytes.Buffer
				if err := s.room.Export(s.Context(), inspector, id, &out); !errors.As(err, &broken) || out.Len() > 0 {
					s.Errorf("given out: %v", err)
				}
			})
		})
	}
}

func TestKeepingAgainMends(t *testing.T) {
	shelves(t, func(s *shelf) {
		id := s.must(s.put(inspector, bundle()))
		s.exec("update evidence_part set bytes=$1", []byte("x"))
		if k := s.get(id); len(k.Faults) != 3 {
			s.Errorf("%v", k.Faults)
		}
		if s.must(s.put(inspector, bundle())) != id || !s.get(id).Sound() {
			s.Error("not mended")
		}
	})
}

func TestAnExportProvesItself(t *testing.T) {
	shelves(t, func(s *shelf) {
		id := s.must(s.put(inspector, bundle()))
		export := func() []byte {
			var out bytes.Buffer
			if err := s.room.Export(s.Context(), inspector, id, &out); err != nil {
				s.Fatal(err)
			}
			return out.Bytes()
		}
		first := export()
		if !bytes.Equal(first, export()) {
			s.Error("two exports differ")
		}
		if files := unzip(t, first); len(files) != 4 || files[evidence.ProofFile] != "" {
			s.Error("a proof before there is a tree")
		}
		for n := 1; n > 0; {
			var err error
			if n, err = s.ledger.Sequence(s.Context()); err != nil {
				s.Fatal(err)
			}
		}
		files := unzip(t, export())
		var keys []ledger.Key
		if err := s.room.DB.Read(s.Context(), func(tx *db.Tx) (err error) { keys, err = ledger.Keys(s.Context(), tx); return err }); err != nil {
			s.Fatal(err)
		}
		known, err := ledger.Verifiers(keys[0].Verifier)
		if err != nil {
			s.Fatal(err)
		}
		proven, err := ledger.CheckProof(files[evidence.ProofFile], known)
		if err != nil || proven.Record == nil || proven.Record.Subject != id || proven.Record.Kind != evidence.KeptKind {
			s.Fatalf("%+v, %v", proven, err)
		}
		// With nothing but the file: proof → id → manifest → parts.
		sum := sha256.Sum256([]byte(files[evidence.ManifestFile]))
		if hex.EncodeToString(sum[:]) != proven.Record.Subject {
			s.Error("the manifest is another")
		}
		var m evidence.Manifest
		if err := json.Unmarshal([]byte(files[evidence.ManifestFile]), &m); err != nil {
			s.Fatal(err)
		}
		for _, l := range m.Parts {
			sum := sha256.Sum256([]byte(files[evidence.PartsFolder+l.Name]))
			if hex.EncodeToString(sum[:]) != l.SHA256 || !strings.Contains(string(proven.Record.Detail), l.SHA256) {
				s.Errorf("%s is another", l.Name)
			}
		}
	})
}

func unzip(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil || !f.Modified.IsZero() && f.Modified.Year() > 1980 {
			t.Fatalf("%s: %v, %v", f.Name, f.Modified, err)
		}
		files[f.Name] = string(text)
	}
	return files
}

func TestBadBundlesAreRefusedWhole(t *testing.T) {
	shelves(t, func(s *shelf) {
		text := func(name, body string) evidence.Part {
			return evidence.Part{Name: name, Type: "text/plain", Bytes: []byte(body)}
		}
		for _, c := range []struct {
			name, field, code string
			change            func(b *evidence.Bundle)
		}{
			{"no app", "app", "missing", func(b *evidence.Bundle) { b.App = "" }},
			{"no tool", "tool", "text", func(b *evidence.Bundle) { b.Tool = "" }},
			{"a rule that is none", "rules[0]", "rule", func(b *evidence.Bundle) { b.Rules = []string{"../x"} }},
			{"a page of two lines", "page", "text", func(b *evidence.Bundle) { b.Page = "a\nb" }},
			{"a step that is no text", "steps[0]", "text", func(b *evidence.Bundle) { b.Steps = []string{"\xff"} }},
			{"ended before it began", "to", "time", func(b *evidence.Bundle) { b.To = b.From.Add(-1) }},
			{"tomorrow", "to", "time", func(b *evidence.Bundle) { b.To = dbtest.Start.AddDate(0, 0, 1) }},
			{"never", "to", "time", func(b *evidence.Bundle) { b.From = time.Time{} }},
			{"no part", "parts", "count", func(b *evidence.Bundle) { b.Parts = nil }},
			{"too many", "parts", "count", func(b *evidence.Bundle) { b.Parts = make([]evidence.Part, evidence.MaxParts+1) }},
			{"twice the same name", "parts", "twice", func(b *evidence.Bundle) { b.Parts = []evidence.Part{text("a", "1"), text("a", "2")} }},
			{"a part too large", "parts[0]", "size", func(b *evidence.Bundle) {
				b.Parts = []evidence.Part{text("a", strings.Repeat("x", evidence.MaxPart+1))}
			}},
			{"all too large", "parts[4]", "size", func(b *evidence.Bundle) {
				b.Parts = nil
				for _, name := range []string{"a", "b", "c", "d", "e"} {
					b.Parts = append(b.Parts, text(name, strings.Repeat("x", evidence.MaxPart)))
				}
			}},
			{"an unknown type", "parts[0].type", "type", func(b *evidence.Bundle) { b.Parts[0].Type = "application/zip" }},
			{"text that calls itself a picture", "parts[0].type", "type", func(b *evidence.Bundle) { b.Parts[0].Type = "image/png" }},
			{"text that is no UTF-8", "parts[0].type", "type", func(b *evidence.Bundle) { b.Parts[0].Bytes = []byte("\xff") }},
			{"a number for a name", "parts[0].name", "number", func(b *evidence.Bundle) { b.Parts[0].Name = mobile(7) + ".html" }},
			{"a way out", "parts[0].name", "name", func(b *evidence.Bundle) { b.Parts[0].Name = "../dom.html" }},
			{"a device", "parts[0].name", "name", func(b *evidence.Bundle) { b.Parts[0].Name = "nul.txt" }},
		} {
			b := bundle()
			c.change(&b)
			var bad *evidence.BadBundle
			if _, err := s.put(inspector, b); !errors.As(err, &bad) || bad.Field != c.field || bad.Code != c.code {
				s.Errorf("%s: %v", c.name, err)
			}
		}
		if n := s.count("evidence_bundle") + s.count("evidence_part") + s.count("ledger_entry"); n != 0 {
			s.Errorf("refusals left %d rows", n)
		}
		if _, err := s.room.Get(context.Background(), inspector, "evd_1"); !errors.Is(err, evidence.ErrUnknown) {
			s.Errorf("%v", err)
		}
	})
}

// A name that is taken can be written below a folder on any system.
func FuzzNames(f *testing.F) {
	for _, s := range []string{"a.png", "..", ".", "a/../b", "con", "a..b", "A", "é", "a\x00", "parts/x", "a.", " a", "a b", `a\b`, "c:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if evidence.CheckName(name) != nil {
			return
		}
		if !filepath.IsLocal(name) || filepath.Base(name) != name || filepath.Clean(name) != name || strings.ContainsAny(name, "/\\:*?\"<>| \x00") ||
			strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") || strings.ToLower(name) != name || survivor.MatchString(name) || len(name) > 160 {
			t.Errorf("%q is taken", name)
		}
	})
}
