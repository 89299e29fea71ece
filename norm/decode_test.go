package norm

import (
	"strings"
	"testing"
	"testing/fstest"
)

const (
	goodEdition    = `{"id":"x","effective_from":"2026-01-01","sources":[{"title":"t","publisher":"p","sha256":"` + sum + `"}]}`
	sum            = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	goodClauses    = `{"sections":[{"id":"1","parent":"","title":"t"}],"clauses":[` + goodClause + `]}`
	goodClause     = `{"id":"1.a","parent":"1","title":"t","meaning":{"zh":"z","en":"e"},"held":["runtime","person"],"quote":"q"}`
	goodCategories = "level1,level2,level3,requirement\na,b,c/d,\na,b,e,必接\n"
)

func TestDecodingIsStrict(t *testing.T) {
	if _, err := decode([]byte(goodEdition), []byte(goodClauses), []byte(goodCategories)); err != nil {
		t.Fatal(err)
	}
	swap := func(text, from, to string) string {
		if !strings.Contains(text, from) {
			t.Fatalf("%q is not in the good text", from)
		}
		return strings.Replace(text, from, to, 1)
	}
	for name, parts := range map[string][3]string{
		"unknown member":            {swap(goodEdition, `"id"`, `"name":"y","id"`), goodClauses, goodCategories},
		"member twice":              {swap(goodEdition, `"id"`, `"id":"y","id"`), goodClauses, goodCategories},
		"member in other case":      {swap(goodEdition, `"id"`, `"ID"`), goodClauses, goodCategories},
		"something after":           {goodEdition + "{}", goodClauses, goodCategories},
		"no day":                    {swap(goodEdition, "2026-01-01", "2026-02-30"), goodClauses, goodCategories},
		"no source":                 {`{"id":"x","effective_from":"2026-01-01","sources":[]}`, goodClauses, goodCategories},
		"sum in capitals":           {swap(goodEdition, sum, strings.ToUpper(sum)), goodClauses, goodCategories},
		"unknown member of clause":  {goodEdition, swap(goodClauses, `"quote"`, `"law":"y","quote"`), goodCategories},
		"clause twice":              {goodEdition, swap(goodClauses, goodClause, goodClause+","+goodClause), goodCategories},
		"clause without a parent":   {goodEdition, swap(goodClauses, `"parent":"1"`, `"parent":"2"`), goodCategories},
		"clause of another section": {goodEdition, swap(goodClauses, `"id":"1.a"`, `"id":"2.a"`), goodCategories},
		"held at no known place":    {goodEdition, swap(goodClauses, `"person"`, `"prayer"`), goodCategories},
		"held out of order":         {goodEdition, swap(goodClauses, `"runtime","person"`, `"person","runtime"`), goodCategories},
		"held twice":                {goodEdition, swap(goodClauses, `"runtime","person"`, `"person","person"`), goodCategories},
		"held nowhere":              {goodEdition, swap(goodClauses, `"runtime","person"`, ``), goodCategories},
		"no English meaning":        {goodEdition, swap(goodClauses, `"en":"e"`, `"en":""`), goodCategories},
		"section twice":             {goodEdition, swap(goodClauses, `[{"id":"1"`, `[{"id":"1","parent":"","title":"t"},{"id":"1"`), goodCategories},
		"unknown column":            {goodEdition, goodClauses, swap(goodCategories, "requirement", "requirement,more")},
		"column missing":            {goodEdition, goodClauses, swap(goodCategories, ",requirement", "")},
		"row too short":             {goodEdition, goodClauses, goodCategories + "a,b,f\n"},
		"row too long":              {goodEdition, goodClauses, goodCategories + "a,b,f,,\n"},
		"unknown requirement":       {goodEdition, goodClauses, goodCategories + "a,b,f,可选\n"},
		"row twice":                 {goodEdition, goodClauses, goodCategories + "a,b,e,\n"},
		"padded name":               {goodEdition, goodClauses, goodCategories + "a,b, f,\n"},
		"empty name":                {goodEdition, goodClauses, goodCategories + "a,,f,\n"},
		"separator in a name":       {goodEdition, goodClauses, goodCategories + "a,b > c,f,\n"},
		"no row":                    {goodEdition, goodClauses, "level1,level2,level3,requirement\n"},
		"nothing":                   {"", "", ""},
	} {
		if _, err := decode([]byte(parts[0]), []byte(parts[1]), []byte(parts[2])); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func TestAFolderOfEditionsMustBeSound(t *testing.T) {
	folder := func(names ...string) fstest.MapFS {
		out := fstest.MapFS{}
		for _, n := range names {
			out[n+"/edition.json"] = &fstest.MapFile{Data: []byte(strings.Replace(goodEdition, `"x"`, `"`+n+`"`, 1))}
			out[n+"/clauses.json"] = &fstest.MapFile{Data: []byte(goodClauses)}
			out[n+"/categories.csv"] = &fstest.MapFile{Data: []byte(goodCategories)}
		}
		return out
	}
	if _, err := load(folder("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := load(folder("x", "y")); err == nil {
		t.Error("two editions of one day were accepted")
	}
	if _, err := load(folder()); err == nil {
		t.Error("no edition was accepted")
	}
	odd := folder("x")
	odd["y/edition.json"] = odd["x/edition.json"]
	odd["y/clauses.json"] = odd["x/clauses.json"]
	if _, err := load(odd); err == nil {
		t.Error("an edition without its table was accepted")
	}
	odd["y/categories.csv"] = odd["x/categories.csv"]
	if _, err := load(odd); err == nil {
		t.Error("an edition in a folder of another name was accepted")
	}
}

// Whatever is accepted must be sound: rows findable, paths unique, nothing empty.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(goodEdition), []byte(goodClauses), []byte(goodCategories))
	var parts [][]byte
	for _, n := range []string{"edition.json", "clauses.json", "categories.csv"} {
		raw, err := files.ReadFile("editions/2026-01/" + n)
		if err != nil {
			f.Fatal(err)
		}
		parts = append(parts, raw)
	}
	f.Add(parts[0], parts[1], parts[2])
	f.Fuzz(func(t *testing.T, edition, clauses, categories []byte) {
		e, err := decode(edition, clauses, categories)
		if err != nil {
			return
		}
		if len(e.clauses) != len(e.Clauses) || len(e.categories) != len(e.Categories) || e.EffectiveFrom.IsZero() {
			t.Fatal("accepted an edition that cannot be searched")
		}
		for _, c := range e.Categories {
			if got, ok := e.Category(c.Path()); !ok || got != c || strings.Count(c.Path(), PathSeparator) != 2 {
				t.Fatalf("row %q is not found", c.Path())
			}
		}
	})
}
