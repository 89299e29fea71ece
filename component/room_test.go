package component_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
	"clew/words"
)

var (
	owner   = access.Caller{Kind: access.KindStaff, ID: "staff_a", Operator: "op_a", Role: access.RoleOwner}
	analyst = access.Caller{Kind: access.KindStaff, ID: "staff_b", Operator: "op_a", Role: access.RoleAnalyst}
	other   = access.Caller{Kind: access.KindStaff, ID: "staff_c", Operator: "op_b", Role: access.RoleOwner}
)

func each(t *testing.T, fn func(t *testing.T, r *component.Room, clock *dbtest.Clock)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		fn(t, &component.Room{DB: d, Access: &access.Room{DB: d, Ring: seal.TestRing(t)}}, clock)
	})
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func publish(t *testing.T, r *component.Room, id string, want int) {
	t.Helper()
	n, found, err := r.Publish(t.Context(), owner, id)
	if err != nil || n != want || len(found) != 0 {
		t.Fatalf("published version %d with %d shortfalls, error %v; want version %d", n, len(found), err, want)
	}
}

func live(t *testing.T, r *component.Room, id string) (v *component.Version, err error) {
	t.Helper()
	_ = r.DB.Read(t.Context(), func(tx *db.Tx) error {
		v, err = component.Live(t.Context(), tx, id)
		return nil
	})
	return v, err
}

func TestFromDraftToPublic(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, clock *dbtest.Clock) {
		ctx, def := t.Context(), component.Sample("app_1")
		id := must(r.Create(ctx, owner, def))(t)
		if !strings.HasPrefix(id, "cmp_") {
			t.Errorf("id %s", id)
		}
		if _, err := live(t, r, id); !errors.Is(err, component.ErrUnpublished) {
			t.Errorf("a draft is open to people: %v", err)
		}
		if _, err := live(t, r, "cmp_none"); !errors.Is(err, component.ErrUnknown) {
			t.Errorf("unknown component: %v", err)
		}
		publish(t, r, id, 1)
		v, err := live(t, r, id)
		if err != nil {
			t.Fatal(err)
		}
		if v.Operator != "op_a" || v.Component != id || v.App != "app_1" || v.Number != 1 || v.Edition != "2026-01" ||
			!v.PublishedAt.Equal(dbtest.Start) || v.PublishedBy != "staff_a" || string(v.Definition.Encode()) != string(def.Encode()) {
			t.Errorf("live: %+v", v)
		}
		if err := r.DB.Read(ctx, func(tx *db.Tx) error {
			for _, l := range words.Langs() {
				n, err := consent.FindNotice(ctx, tx, "op_a", id, 1, l)
				if err != nil || n.Text != def.NoticeText(l) || n.Hash != consent.HashText(n.Text) {
					t.Errorf("notice in %s: %v", l, err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		// The same draft again opens what there is; a changed one is a new version.
		publish(t, r, id, 1)
		clock.Advance(time.Hour)
		def.RetentionDays = 30
		if n := must(r.SaveDraft(ctx, owner, id, def, 1))(t); n != 2 {
			t.Errorf("draft version %d", n)
		}
		publish(t, r, id, 2)
		if err := r.Unpublish(ctx, owner, id); err != nil {
			t.Fatal(err)
		}
		if _, err := live(t, r, id); !errors.Is(err, component.ErrUnpublished) {
			t.Errorf("unpublished: %v", err)
		}
		c := must(r.Get(ctx, analyst, id))(t)
		if c.Live != 0 || c.Latest != 2 || c.DraftVersion != 2 || c.Draft.RetentionDays != 30 ||
			!c.Created.Equal(dbtest.Start) || !c.Updated.Equal(dbtest.Start.Add(time.Hour)) || c.UpdatedBy != "staff_a" {
			t.Errorf("component %+v", c)
		}
		publish(t, r, id, 2)
		all := must(r.Versions(ctx, analyst, id))(t)
		if len(all) != 2 || all[0].Number != 2 || all[1].Number != 1 || all[1].Definition.RetentionDays != 180 {
			t.Errorf("versions %+v", all)
		}
	})
}

func TestAPublishedVersionNeverChanges(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, _ *dbtest.Clock) {
		ctx, def := t.Context(), component.Sample("app_1")
		id := must(r.Create(ctx, owner, def))(t)
		publish(t, r, id, 1)
		row := func() (out []string) {
			if err := r.DB.Read(ctx, func(tx *db.Tx) (err error) {
				out, err = db.Collect(ctx, tx, func(s db.Scanner) (string, error) {
					var app, edition, text, by string
					var at string
					err := s.Scan(&app, &edition, &text, &at, &by)
					return strings.Join([]string{app, edition, text, at, by}, "|"), err
				}, "select app, edition, definition, cast(published_at as text), published_by from component_version where operator=$1 and component=$2 and number=1", "op_a", id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return out
		}
		before := row()
		if len(before) != 1 {
			t.Fatalf("%d rows of version 1", len(before))
		}
		for i := range 3 {
			def.App, def.RetentionDays = "app_2", 10+i
			must(r.SaveDraft(ctx, owner, id, def, 1+i))(t)
			publish(t, r, id, 2+i)
			if err := r.Unpublish(ctx, owner, id); err != nil {
				t.Fatal(err)
			}
		}
		if after := row(); !slices.Equal(before, after) {
			t.Errorf("version 1 became %q", after)
		}
		if err := r.DB.Read(ctx, func(tx *db.Tx) error {
			for n, days := range map[int]int{1: 180, 2: 10, 3: 11, 4: 12} {
				v, err := component.ByNumber(ctx, tx, "op_a", id, n)
				if err != nil || v.Number != n || v.Definition.RetentionDays != days {
					t.Errorf("version %d: %+v, %v", n, v, err)
				}
			}
			for _, miss := range []func() (*component.Version, error){
				func() (*component.Version, error) { return component.ByNumber(ctx, tx, "op_a", id, 5) },
				func() (*component.Version, error) { return component.ByNumber(ctx, tx, "op_b", id, 1) },
			} {
				if _, err := miss(); !errors.Is(err, component.ErrUnknown) {
					t.Errorf("found what is not there: %v", err)
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// No statement of this room can change or remove a version.
func TestNoStatementChangesAVersion(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	bad := regexp.MustCompile(`(?i)(update|delete\s+from|replace\s+into)\s+component_version|component_version[^;]*on\s+conflict`)
	inserts := 0
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bad.Match(raw) {
			t.Errorf("%s changes component_version", f)
		}
		inserts += strings.Count(string(raw), "insert into component_version")
	}
	if inserts != 1 {
		t.Errorf("%d statements insert versions, want one", inserts)
	}
}

func TestTheNormDecidesWhatIsPublished(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, _ *dbtest.Clock) {
		ctx, def := t.Context(), component.Sample("app_1")
		def.RetentionDays, def.Scene = 0, "login"
		id := must(r.Create(ctx, owner, def))(t)
		_, found, err := r.Publish(ctx, owner, id)
		var no *component.NotReady
		if !errors.As(err, &no) || len(no.Shortfalls) != 2 || len(found) != 2 || no.Shortfalls[0].Clause != "3.3.scope" {
			t.Fatalf("error %v, shortfalls %v", err, found)
		}
		if c := must(r.Get(ctx, owner, id))(t); c.Live != 0 || c.Latest != 0 {
			t.Errorf("component %+v after a refusal", c)
		}
		if all := must(r.Versions(ctx, owner, id))(t); len(all) != 0 {
			t.Errorf("%d versions after a refusal", len(all))
		}
		// What only asks for a person's look is published and said.
		def = component.Sample("app_1")
		text := def.Texts[words.ZH]
		text.Trigger = "下一步"
		def.Texts[words.ZH] = text
		must(r.SaveDraft(ctx, owner, id, def, 1))(t)
		n, found, err := r.Publish(ctx, owner, id)
		if err != nil || n != 1 || len(found) != 1 || found[0].Verdict != component.Review {
			t.Errorf("version %d, %v, %v", n, found, err)
		}
	})
}

func TestDraftsAreNotOverwritten(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, _ *dbtest.Clock) {
		ctx, def := t.Context(), component.Sample("app_1")
		id := must(r.Create(ctx, owner, def))(t)
		const editors = 8
		var wg sync.WaitGroup
		results := make([]error, editors)
		for i := range editors {
			wg.Go(func() {
				mine := component.Sample("app_1")
				mine.RetentionDays = 10 + i
				_, results[i] = r.SaveDraft(ctx, owner, id, mine, 1)
			})
		}
		wg.Wait()
		won := -1
		for i, err := range results {
			switch {
			case err == nil && won < 0:
				won = i
			case !errors.Is(err, component.ErrStale):
				t.Errorf("editor %d: %v", i, err)
			}
		}
		if won < 0 {
			t.Fatal("nobody could save")
		}
		if c := must(r.Get(ctx, owner, id))(t); c.DraftVersion != 2 || c.Draft.RetentionDays != 10+won {
			t.Errorf("draft %d keeps %d days, editor %d won", c.DraftVersion, c.Draft.RetentionDays, won)
		}
		if _, err := r.SaveDraft(ctx, owner, "cmp_none", def, 1); !errors.Is(err, component.ErrUnknown) {
			t.Errorf("unknown: %v", err)
		}
		var bad *component.BadDefinition
		def.DedupeHours = -1
		if _, err := r.SaveDraft(ctx, owner, id, def, 2); !errors.As(err, &bad) {
			t.Errorf("bad draft: %v", err)
		}
		if _, err := r.Create(ctx, owner, def); !errors.As(err, &bad) {
			t.Errorf("bad first draft: %v", err)
		}
	})
}

func TestPublishingAtTheSameTimeMakesOneVersion(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, _ *dbtest.Clock) {
		id := must(r.Create(t.Context(), owner, component.Sample("app_1")))(t)
		var wg sync.WaitGroup
		results := make([]error, 4)
		for i := range results {
			wg.Go(func() { _, _, results[i] = r.Publish(t.Context(), owner, id) })
		}
		wg.Wait()
		for _, err := range results {
			if err != nil {
				t.Error(err)
			}
		}
		if all := must(r.Versions(t.Context(), owner, id))(t); len(all) != 1 {
			t.Errorf("%d versions", len(all))
		}
	})
}

func TestOperatorsAndRolesAreKeptApart(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, _ *dbtest.Clock) {
		ctx, def := t.Context(), component.Sample("app_1")
		id := must(r.Create(ctx, owner, def))(t)
		publish(t, r, id, 1)
		acts := func(c access.Caller) map[string]error {
			_, get := r.Get(ctx, c, id)
			_, save := r.SaveDraft(ctx, c, id, def, 1)
			_, _, publish := r.Publish(ctx, c, id)
			_, versions := r.Versions(ctx, c, id)
			return map[string]error{"get": get, "save": save, "publish": publish, "unpublish": r.Unpublish(ctx, c, id), "versions": versions}
		}
		for name, err := range acts(other) {
			if !errors.Is(err, component.ErrUnknown) {
				t.Errorf("another operator, %s: %v", name, err)
			}
		}
		var denied *access.Denied
		for name, err := range acts(analyst) {
			if reads := name == "get" || name == "versions"; reads != (err == nil) || !reads && !errors.As(err, &denied) {
				t.Errorf("analyst, %s: %v", name, err)
			}
		}
		if _, err := r.Create(ctx, analyst, def); !errors.As(err, &denied) {
			t.Errorf("analyst, create: %v", err)
		}
		for name, err := range acts(access.Caller{}) {
			if !errors.As(err, &denied) {
				t.Errorf("nobody, %s: %v", name, err)
			}
		}
		if page, _, err := r.List(ctx, other, "", 0); err != nil || len(page) != 0 {
			t.Errorf("another operator lists %d, %v", len(page), err)
		}
		if _, err := live(t, r, id); err != nil {
			t.Errorf("after all that: %v", err)
		}
	})
}

func TestListPages(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, _ *dbtest.Clock) {
		ctx := t.Context()
		var made []string
		for range 5 {
			made = append(made, must(r.Create(ctx, owner, component.Sample("app_1")))(t))
		}
		must(r.Create(ctx, other, component.Sample("app_9")))(t)
		slices.Reverse(made)
		var seen []string
		cursor, pages := "", 0
		for {
			page, next, err := r.List(ctx, owner, cursor, 2)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, c := range page {
				seen = append(seen, c.ID)
			}
			if cursor = next; cursor == "" {
				break
			}
		}
		if !slices.Equal(seen, made) || pages != 3 {
			t.Errorf("%d pages list %v, want %v", pages, seen, made)
		}
	})
}

func TestWhatIntakeReads(t *testing.T) {
	each(t, func(t *testing.T, r *component.Room, _ *dbtest.Clock) {
		ctx, def := t.Context(), component.Sample("app_1")
		a := must(r.Create(ctx, owner, def))(t)
		b := must(r.Create(ctx, owner, def))(t)
		draft := must(r.Create(ctx, owner, def))(t)
		publish(t, r, a, 1)
		publish(t, r, b, 1)
		def.Fields[1].ID = "surname"
		must(r.SaveDraft(ctx, owner, a, def, 1))(t)
		publish(t, r, a, 2)
		read(t, r.DB, func(ctx context.Context, tx *db.Tx) error {
			many, err := component.LiveMany(ctx, tx, []string{a, b, draft, "cmp_none", a})
			if err != nil || len(many) != 2 || many[a].Number != 2 || many[b].Number != 1 || many[a].Definition.Fields[1].ID != "surname" {
				t.Errorf("live: %v, %v", many, err)
			}
			if none, err := component.LiveMany(ctx, tx, nil); err != nil || len(none) != 0 {
				t.Errorf("live of nothing: %v, %v", none, err)
			}
			numbers, err := component.LiveNumbers(ctx, tx, "op_a", []string{a, b, draft, "cmp_none", a})
			if err != nil || len(numbers) != 2 || numbers[a] != 2 || numbers[b] != 1 {
				t.Errorf("numbers: %v, %v", numbers, err)
			}
			if none, err := component.LiveNumbers(ctx, tx, "op_b", []string{a}); err != nil || len(none) != 0 {
				t.Errorf("numbers of another operator: %v, %v", none, err)
			}
			if op, err := component.OperatorOf(ctx, tx, a); err != nil || op != "op_a" {
				t.Errorf("operator %q, %v", op, err)
			}
			if _, err := component.OperatorOf(ctx, tx, "cmp_none"); !errors.Is(err, component.ErrUnknown) {
				t.Errorf("operator of nothing: %v", err)
			}
			ids, err := component.FieldIDs(ctx, tx, "op_a", a)
			if want := []string{"phone", "name", "city", "question", "surname"}; err != nil || !slices.Equal(ids, want) {
				t.Errorf("fields %v, %v", ids, err)
			}
			ids, err = component.FieldIDs(ctx, tx, "op_a", b)
			if want := []string{"phone", "name", "city", "question"}; err != nil || !slices.Equal(ids, want) {
				t.Errorf("fields of b %v, %v", ids, err)
			}
			if ids, err = component.FieldIDs(ctx, tx, "op_a", ""); err != nil || len(ids) != 5 {
				t.Errorf("fields of all %v, %v", ids, err)
			}
			return nil
		})
	})
}

func read(t *testing.T, d *db.DB, fn func(context.Context, *db.Tx) error) {
	t.Helper()
	if err := d.Read(t.Context(), func(tx *db.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}
