package component_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
	"clew/seal"
)

const (
	law    = "商业服务 > 商业服务 > 法律服务"
	notary = "商业服务 > 商业服务 > 公证"
	hiring = "商业服务 > 商业服务 > 招聘/求职(中介)" // 必接
)

var admin = access.Caller{Kind: access.KindStaff, ID: "staff_admin", Role: access.RoleAdmin}

// market is a platform with one operator and its app, whose categories law and
// notary are online and whose capability is granted.
type market struct {
	t          *testing.T
	clock      *dbtest.Clock
	apps       *app.Room
	capability *capability.Room
	room       *component.Room
	owner      access.Caller
	app        string
}

func eachMarket(t *testing.T, fn func(m *market)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		who := &access.Room{DB: d, Ring: seal.TestRing(t)}
		m := &market{
			t: t, clock: clock, apps: &app.Room{DB: d, Access: who, Open: capability.IsOpen},
			capability: &capability.Room{DB: d, Access: who, Outbox: outbox.New(d, nil)}, room: &component.Room{DB: d, Access: who},
		}
		m.owner, m.app = m.operator("测试", law, notary)
		fn(m)
	})
}

// operator adds an operator with an app that may collect in the categories.
func (m *market) operator(name string, paths ...string) (access.Caller, string) {
	m.t.Helper()
	var caller access.Caller
	var id string
	m.write(func(ctx context.Context, tx *db.Tx) error {
		o, err := m.apps.CreateOperator(ctx, tx, name)
		if err != nil {
			return err
		}
		a, _, err := m.apps.Create(ctx, tx, o.ID, name, nil)
		if err != nil {
			return err
		}
		id = a.ID
		caller = access.Caller{Kind: access.KindStaff, ID: "staff_" + name, Operator: o.ID, Role: access.RoleOwner}
		for _, p := range paths {
			for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
				if err := m.apps.MoveCategory(ctx, tx, o.ID, a.ID, p, s); err != nil {
					return err
				}
			}
		}
		for _, s := range []capability.State{capability.Applied, capability.Granted} {
			if err := m.capability.Move(ctx, tx, access.System("", "test"), o.ID, a.ID, s, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
	return caller, id
}

func (m *market) write(fn func(ctx context.Context, tx *db.Tx) error) {
	m.t.Helper()
	if err := m.room.DB.Write(m.t.Context(), func(tx *db.Tx) error { return fn(m.t.Context(), tx) }); err != nil {
		m.t.Fatal(err)
	}
}

func (m *market) move(path string, states ...app.CategoryState) {
	m.t.Helper()
	m.write(func(ctx context.Context, tx *db.Tx) error {
		for _, s := range states {
			if err := m.apps.MoveCategory(ctx, tx, m.owner.Operator, m.app, path, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// published is a component that people can open.
func (m *market) published(caller access.Caller, appID string) string {
	m.t.Helper()
	id := must(m.room.Create(m.t.Context(), caller, component.Sample(appID)))(m.t)
	if _, _, err := m.room.Publish(m.t.Context(), caller, id); err != nil {
		m.t.Fatal(err)
	}
	return id
}

func (m *market) target(t component.Target) component.Target {
	m.t.Helper()
	if t.App == "" {
		t.App = m.app
	}
	if t.Name == "" {
		t.Name = "春季咨询"
	}
	if t.Regions == nil {
		t.Regions = []string{"110101"}
	}
	if t.Categories == nil {
		t.Categories = []string{law}
	}
	return must(m.room.CreateTarget(m.t.Context(), m.owner, t))(m.t)
}

func (m *market) validity(t component.Target) (v component.Validity) {
	m.t.Helper()
	m.write(func(ctx context.Context, tx *db.Tx) error {
		now, err := component.TargetOf(ctx, tx, t.ConfigID)
		if err != nil {
			return err
		}
		if v, err = component.ValidityOf(ctx, tx, now); err != nil {
			return err
		}
		all, err := component.Validities(ctx, tx, now.Operator, now.App, []component.Target{now})
		if all[t.ConfigID] != v {
			m.t.Errorf("alone it is %s, among others %s", v, all[t.ConfigID])
		}
		return err
	})
	return v
}

func TestATargetIsKeptAndFound(t *testing.T) {
	eachMarket(t, func(m *market) {
		id := m.published(m.owner, m.app)
		made := m.target(component.Target{
			Component: id, Name: " 春季·法律咨询（北京） ", Regions: []string{"440106", "110101", "440106"},
			Categories: []string{notary, law, notary}, Pages: []string{"/pages/index/index", "pages/index/index", "sub-pkg/a.b_c"},
		})
		if !component.ConfigShape.MatchString(made.ConfigID) || made.Operator != m.owner.Operator || made.Name != "春季·法律咨询（北京）" ||
			!slices.Equal(made.Regions, []string{"110101", "440106"}) || !slices.Equal(made.Categories, []string{notary, law}) ||
			!slices.Equal(made.Pages, []string{"pages/index/index", "sub-pkg/a.b_c"}) || !made.Activated.IsZero() {
			m.t.Errorf("%+v", made)
		}
		m.write(func(ctx context.Context, tx *db.Tx) error {
			got, err := component.TargetOf(ctx, tx, made.ConfigID)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(made) {
				m.t.Errorf("%+v, %v", got, err)
			}
			for _, id := range []string{"", "x", strings.Repeat("0", 32), strings.ToUpper(made.ConfigID), made.ConfigID + "0"} {
				if _, err := component.TargetOf(ctx, tx, id); !errors.Is(err, component.ErrNoTarget) {
					m.t.Errorf("%q: %v", id, err)
				}
			}
			return nil
		})
		if err := m.room.UpdateTarget(m.t.Context(), m.owner, m.app, made.ConfigID, component.Target{
			Name: "夏季咨询", Regions: []string{"310115"}, Categories: []string{law},
		}); err != nil {
			m.t.Fatal(err)
		}
		m.write(func(ctx context.Context, tx *db.Tx) error {
			got, err := component.TargetOf(ctx, tx, made.ConfigID)
			if err != nil || got.Name != "夏季咨询" || got.Component != id || len(got.Pages) != 0 || !slices.Equal(got.Regions, []string{"310115"}) {
				m.t.Errorf("%+v, %v", got, err)
			}
			return nil
		})
		// Nobody else's caller and no other app reaches it.
		stranger, strangers := m.operator("别家", law)
		for name, c := range map[string]struct {
			caller access.Caller
			app    string
			id     string
		}{
			"another operator": {stranger, m.app, made.ConfigID}, "another app": {m.owner, strangers, made.ConfigID},
			"unknown": {m.owner, m.app, strings.Repeat("0", 32)},
		} {
			if err := m.room.UpdateTarget(m.t.Context(), c.caller, c.app, c.id, component.Target{Name: "x"}); !errors.Is(err, component.ErrNoTarget) {
				m.t.Errorf("%s updates: %v", name, err)
			}
			if err := m.room.DeleteTarget(m.t.Context(), c.caller, c.app, c.id); !errors.Is(err, component.ErrNoTarget) {
				m.t.Errorf("%s deletes: %v", name, err)
			}
		}
		var denied *access.Denied
		reader := m.owner
		reader.Role = access.RoleAnalyst
		if _, err := m.room.CreateTarget(m.t.Context(), reader, made); !errors.As(err, &denied) {
			m.t.Errorf("an analyst: %v", err)
		}
		if err := m.room.DeleteTarget(m.t.Context(), m.owner, m.app, made.ConfigID); err != nil {
			m.t.Fatal(err)
		}
		if err := m.room.DeleteTarget(m.t.Context(), m.owner, m.app, made.ConfigID); !errors.Is(err, component.ErrNoTarget) {
			m.t.Errorf("deleted twice: %v", err)
		}
		m.write(func(ctx context.Context, tx *db.Tx) error {
			if _, err := component.TargetOf(ctx, tx, made.ConfigID); !errors.Is(err, component.ErrNoTarget) {
				m.t.Errorf("deleted: %v", err)
			}
			if list, total, err := component.Targets(ctx, tx, m.owner.Operator, m.app, 1, 20); err != nil || total != 0 || len(list) != 0 {
				m.t.Errorf("%d of %d listed, %v", len(list), total, err)
			}
			kept, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) },
				"select count(*) from component_target where config_id=$1 and deleted_at>0", made.ConfigID)
			if err != nil || kept != 1 {
				m.t.Errorf("%d rows kept, %v", kept, err)
			}
			return nil
		})
	})
}

func TestATargetWithoutAComponentGetsADraft(t *testing.T) {
	eachMarket(t, func(m *market) {
		made := m.target(component.Target{Name: "线下招募"})
		c, err := m.room.Get(m.t.Context(), m.owner, made.Component)
		if err != nil || c.Live != 0 || c.Draft.App != m.app || c.Draft.Texts["zh"].Title != "线下招募" || c.Draft.Scene != component.SceneLead {
			m.t.Errorf("%+v, %v", c, err)
		}
		var notReady *component.NotReady
		if _, _, err := m.room.Publish(m.t.Context(), m.owner, made.Component); !errors.As(err, &notReady) {
			m.t.Errorf("an unfinished draft: %v", err)
		}
	})
}

func TestBadTargetsAreToldEverythingAtOnce(t *testing.T) {
	eachMarket(t, func(m *market) {
		m.move(hiring, app.Applied)
		stranger, strangers := m.operator("别家", law)
		theirs := m.published(stranger, strangers)
		_, second := m.owner, ""
		m.write(func(ctx context.Context, tx *db.Tx) error {
			a, _, err := m.apps.Create(ctx, tx, m.owner.Operator, "另一个", nil)
			second = a.ID
			return err
		})
		ofSecond := must(m.room.Create(m.t.Context(), m.owner, component.Sample(second)))(m.t)
		fine := component.Target{App: m.app, Name: "咨询", Regions: []string{"110101"}, Categories: []string{law}}
		number := fmt.Sprintf("138%08d", 7)
		for name, c := range map[string]struct {
			change func(t *component.Target)
			want   []string
		}{
			"everything": {func(t *component.Target) { *t = component.Target{App: m.app} }, []string{
				"name missing ", "regions missing ", "categories missing ",
			}},
			"name too long":    {func(t *component.Target) { t.Name = strings.Repeat("长", 21) }, []string{"name long "}},
			"name of controls": {func(t *component.Target) { t.Name = "a\u200bb" }, []string{"name characters "}},
			"regions": {func(t *component.Target) {
				t.Regions = []string{"110101", "440100", "440000", "710000", "999999", "x", "", number}
			}, []string{
				"regions city 440100", "regions province 440000", "regions without_districts 710000", "regions unknown 999999",
				"regions malformed x", "regions malformed ", "regions malformed ",
			}},
			"too many regions": {func(t *component.Target) {
				t.Regions = nil
				for i := range component.MaxRegions + 1 {
					t.Regions = append(t.Regions, fmt.Sprint(i))
				}
			}, []string{"regions many "}},
			"category only applied for": {func(t *component.Target) { t.Categories = []string{law, hiring} }, []string{"categories not_approved " + hiring}},
			"category unknown":          {func(t *component.Target) { t.Categories = []string{"8,9,12"} }, []string{"categories not_approved 8,9,12"}},
			"pages": {func(t *component.Target) {
				t.Pages = []string{"pages/a", "pages/a?x=1", "https://example.com/", "../secret", "", "页面/首页"}
			}, []string{
				"pages path pages/a?x=1", "pages path https://example.com/", "pages path ../secret", "pages path ", "pages path 页面/首页",
			}},
			"somebody else's component": {func(t *component.Target) { t.Component = theirs }, []string{"component unknown "}},
			"no component of this id":   {func(t *component.Target) { t.Component = "cmp_none" }, []string{"component unknown "}},
			"another app's component":   {func(t *component.Target) { t.Component = ofSecond }, []string{"component other_app "}},
		} {
			bad := fine
			c.change(&bad)
			_, err := m.room.CreateTarget(m.t.Context(), m.owner, bad)
			var problems *component.BadTarget
			if !errors.As(err, &problems) {
				m.t.Errorf("%s: %v", name, err)
				continue
			}
			var got []string
			for _, p := range problems.Problems {
				got = append(got, p.Field+" "+p.Code+" "+p.Value)
			}
			if !slices.Equal(got, c.want) {
				m.t.Errorf("%s:\n%q, want\n%q", name, got, c.want)
			}
			if strings.Contains(err.Error(), number) {
				m.t.Errorf("%s: the error repeats a number", name)
			}
		}
		for name, id := range map[string]string{"another operator's app": strangers, "no app": "app_none", "empty": ""} {
			bad := fine
			bad.App = id
			if _, err := m.room.CreateTarget(m.t.Context(), m.owner, bad); !errors.Is(err, app.ErrUnknown) {
				m.t.Errorf("%s: %v", name, err)
			}
		}
		m.write(func(ctx context.Context, tx *db.Tx) error {
			n, err := db.One(ctx, tx, func(s db.Scanner) (n int, err error) { return n, s.Scan(&n) }, "select count(*) from component_target")
			if n != 0 {
				m.t.Errorf("%d targets were kept", n)
			}
			return err
		})
		// An update is held to the same.
		made := must(m.room.CreateTarget(m.t.Context(), m.owner, fine))(m.t)
		var problems *component.BadTarget
		if err := m.room.UpdateTarget(m.t.Context(), m.owner, m.app, made.ConfigID, component.Target{Name: "x", Regions: []string{"1"}, Categories: []string{law}, Component: theirs}); !errors.As(err, &problems) || len(problems.Problems) != 2 {
			m.t.Errorf("update: %v", err)
		}
	})
}

func TestTargetsAreReadPageByPage(t *testing.T) {
	eachMarket(t, func(m *market) {
		id := m.published(m.owner, m.app)
		var want []string
		for range 5 {
			want = append([]string{m.target(component.Target{Component: id}).ConfigID}, want...)
			m.clock.Advance(time.Second)
		}
		var got []string
		for page := 1; page <= 4; page++ {
			m.write(func(ctx context.Context, tx *db.Tx) error {
				list, total, err := component.Targets(ctx, tx, m.owner.Operator, m.app, page, 2)
				if total != 5 || len(list) != []int{0, 2, 2, 1, 0}[page] {
					m.t.Errorf("page %d has %d of %d", page, len(list), total)
				}
				for _, t := range list {
					got = append(got, t.ConfigID)
				}
				return err
			})
		}
		if !slices.Equal(got, want) {
			m.t.Errorf("%v, want %v", got, want)
		}
		m.write(func(ctx context.Context, tx *db.Tx) error {
			if list, err := component.TargetsOf(ctx, tx, m.owner.Operator, id); err != nil || len(list) != 5 {
				m.t.Errorf("%d of the component, %v", len(list), err)
			}
			if list, _, err := component.Targets(ctx, tx, m.owner.Operator, m.app, -7, 0); err != nil || len(list) != 1 {
				m.t.Errorf("a page that cannot be: %d, %v", len(list), err)
			}
			return nil
		})
	})
}

// An app has no more targets than it may, however many are made at once.
func TestTargetsAreBounded(t *testing.T) {
	eachMarket(t, func(m *market) {
		id := m.published(m.owner, m.app)
		first := m.target(component.Target{Component: id})
		m.write(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `with recursive n (i) as (select 1 union all select i+1 from n where i<$1)
				insert into component_target (operator, config_id, app, component, name, regions, categories, pages, activated_at, created_at, updated_at, updated_by, deleted_at)
				select t.operator, 'copy_' || n.i, t.app, t.component, t.name, t.regions, t.categories, t.pages, 0, 0, 0, '', 0
				from component_target t, n where t.config_id=$2`, component.MaxTargets-3, first.ConfigID)
			return err
		})
		errs := make(chan error, 5)
		for range 5 {
			go func() {
				_, err := m.room.CreateTarget(m.t.Context(), m.owner, component.Target{App: m.app, Component: id, Name: "又一个", Regions: []string{"110101"}, Categories: []string{law}})
				errs <- err
			}()
		}
		made := 0
		for range 5 {
			var bad *component.BadTarget
			if err := <-errs; err == nil {
				made++
			} else if !errors.As(err, &bad) || bad.Problems[0].Field != "app" || bad.Problems[0].Code != "many" {
				m.t.Error(err)
			}
		}
		if made != 2 {
			m.t.Errorf("%d were made", made)
		}
	})
}

func TestValidityIsRead(t *testing.T) {
	eachMarket(t, func(m *market) {
		id := m.published(m.owner, m.app)
		mine := m.target(component.Target{Component: id})
		expect := func(want component.Validity, when string) {
			m.t.Helper()
			if got := m.validity(mine); got != want {
				m.t.Errorf("%s it is %s, want %s", when, got, want)
			}
		}
		expect(component.NotActivated, "new")
		activate := func() {
			m.t.Helper()
			m.write(func(ctx context.Context, tx *db.Tx) error { return component.Activate(ctx, tx, m.owner.Operator, id) })
		}
		activate()
		first := m.room.DB.Now()
		expect(component.Activated, "after the first report")
		m.clock.Advance(time.Hour)
		activate()
		m.write(func(ctx context.Context, tx *db.Tx) error {
			if t, err := component.TargetOf(ctx, tx, mine.ConfigID); err != nil || !t.Activated.Equal(first) {
				m.t.Errorf("activated at %v, want %v, %v", t.Activated, first, err)
			}
			return nil
		})
		m.move(law, app.Offline)
		expect(component.Invalid, "with its category off line")
		m.move(law, app.Applied, app.Approved)
		expect(component.Invalid, "with its category approved")
		m.move(law, app.Online)
		expect(component.Activated, "online again")
		decide := func(to capability.State) {
			m.t.Helper()
			if err := m.capability.Decide(m.t.Context(), admin, m.owner.Operator, m.app, to, "核查中的处置", ""); err != nil {
				m.t.Fatal(err)
			}
		}
		decide(capability.Suspended)
		expect(component.Invalid, "suspended")
		decide(capability.Granted)
		expect(component.Activated, "granted again")
		if err := m.capability.SetOpen(m.t.Context(), admin, law, false, m.room.DB.Now().Add(time.Hour), "类目调整公告"); err != nil {
			m.t.Fatal(err)
		}
		expect(component.Activated, "before its category closes")
		m.clock.Advance(time.Hour)
		expect(component.Invalid, "from the instant its category closes")
		// A target that is invalid is not activated by a report through another one.
		both := m.target(component.Target{Component: id, Categories: []string{notary}})
		late := m.target(component.Target{Component: id, Categories: []string{law}})
		activate()
		if got := m.validity(both); got != component.Activated {
			m.t.Errorf("the valid one is %s", got)
		}
		if err := m.capability.SetOpen(m.t.Context(), admin, law, true, time.Time{}, "类目调整公告"); err != nil {
			m.t.Fatal(err)
		}
		if got := m.validity(late); got != component.NotActivated {
			m.t.Errorf("the one that was invalid is %s", got)
		}
	})
}

// Reports at once activate a target once.
func TestActivatingAtOnce(t *testing.T) {
	eachMarket(t, func(m *market) {
		id := m.published(m.owner, m.app)
		mine := m.target(component.Target{Component: id})
		var wait sync.WaitGroup
		for range 6 {
			wait.Go(func() {
				if err := m.room.DB.Write(m.t.Context(), func(tx *db.Tx) error {
					return component.Activate(m.t.Context(), tx, m.owner.Operator, id)
				}); err != nil {
					m.t.Error(err)
				}
			})
		}
		wait.Wait()
		if got := m.validity(mine); got != component.Activated {
			m.t.Errorf("it is %s", got)
		}
	})
}

func TestAComponentIsValidWhileOneOfItsTargetsIs(t *testing.T) {
	eachMarket(t, func(m *market) {
		id := m.published(m.owner, m.app)
		valid := func(want bool, when string) {
			m.t.Helper()
			m.write(func(ctx context.Context, tx *db.Tx) error {
				err := component.Valid(ctx, tx, m.owner.Operator, m.app, id)
				if want && err != nil || !want && !errors.Is(err, component.ErrInvalid) {
					m.t.Errorf("%s: %v", when, err)
				}
				return nil
			})
		}
		valid(true, "without targets")
		one := m.target(component.Target{Component: id, Categories: []string{law}})
		two := m.target(component.Target{Component: id, Categories: []string{notary}})
		valid(true, "both valid")
		m.move(law, app.Offline)
		valid(true, "one valid")
		m.move(notary, app.Offline)
		valid(false, "none valid")
		m.move(law, app.Applied, app.Approved, app.Online)
		valid(true, "one again")
		if err := m.room.DeleteTarget(m.t.Context(), m.owner, m.app, one.ConfigID); err != nil {
			m.t.Fatal(err)
		}
		valid(false, "the valid one deleted")
		if err := m.room.DeleteTarget(m.t.Context(), m.owner, m.app, two.ConfigID); err != nil {
			m.t.Fatal(err)
		}
		valid(true, "without targets again")
	})
}

func TestThePageCarriesTheNewestValidTarget(t *testing.T) {
	eachMarket(t, func(m *market) {
		id := m.published(m.owner, m.app)
		active := func(page string) (string, error) {
			var t component.Target
			var err error
			m.write(func(ctx context.Context, tx *db.Tx) error {
				t, err = component.Active(ctx, tx, m.app, page)
				return nil
			})
			return t.ConfigID, err
		}
		expect := func(page string, want component.Target) {
			m.t.Helper()
			if got, err := active(page); err != nil || got != want.ConfigID {
				m.t.Errorf("%q carries %s, want %s (%s), %v", page, got, want.ConfigID, want.Name, err)
			}
		}
		if _, err := active(""); !errors.Is(err, component.ErrNone) {
			m.t.Errorf("no target: %v", err)
		}
		step := func(t component.Target) component.Target {
			m.clock.Advance(time.Second)
			if t.Component == "" {
				t.Component = id
			}
			return m.target(t)
		}
		anywhere := step(component.Target{Name: "任意页面"})
		old := step(component.Target{Name: "旧", Pages: []string{"pages/a"}})
		newer := step(component.Target{Name: "新", Pages: []string{"pages/a", "pages/b"}, Categories: []string{notary}})
		step(component.Target{Name: "未发布", Pages: []string{"pages/a"}, Component: must(m.room.Create(m.t.Context(), m.owner, component.Sample(m.app)))(m.t)})
		expect("pages/a", newer)
		expect("pages/b", newer)
		expect("pages/c", anywhere)
		expect("", anywhere)
		m.move(notary, app.Offline)
		expect("pages/a", old)
		expect("pages/b", anywhere)
		m.move(law, app.Offline)
		if _, err := active("pages/a"); !errors.Is(err, component.ErrNone) {
			m.t.Errorf("nothing is valid: %v", err)
		}
		m.app = "app_none"
		if _, err := active(""); !errors.Is(err, component.ErrNone) {
			m.t.Errorf("no app: %v", err)
		}
	})
}

func TestWhatAppsThatMustIntegrateLack(t *testing.T) {
	eachMarket(t, func(m *market) {
		lacking := func() (out []string) {
			m.t.Helper()
			var after *component.MustIntegrate
			for {
				var page []component.MustIntegrate
				var more bool
				m.write(func(ctx context.Context, tx *db.Tx) (err error) {
					page, more, err = component.Lacking(ctx, tx, after, 2)
					return err
				})
				for _, l := range page {
					if l.Category != hiring || l.Since.IsZero() || l.AppName == "" {
						m.t.Errorf("%+v", l)
					}
					out = append(out, l.App+" "+l.Why)
				}
				if !more {
					return out
				}
				after = &page[len(page)-1]
			}
		}
		if got := lacking(); got != nil {
			m.t.Errorf("nobody must, and %v lack", got)
		}
		type firm struct {
			access.Caller
			app string
		}
		var firms []firm
		var want []string
		for i := range 5 {
			caller, id := m.operator(fmt.Sprint("招聘", i), law, hiring)
			firms = append(firms, firm{caller, id})
			want = append(want, id+" component")
		}
		if got := lacking(); !slices.Equal(got, want) {
			m.t.Errorf("%v, want %v", got, want)
		}
		// A published component without targets will do.
		m.published(firms[0].Caller, firms[0].app)
		// One whose only target names another category does not, nor one whose capability is gone.
		m.owner, m.app = firms[1].Caller, firms[1].app
		m.target(component.Target{Component: m.published(m.owner, m.app), Categories: []string{law}})
		m.owner, m.app = firms[2].Caller, firms[2].app
		m.target(component.Target{Component: m.published(m.owner, m.app), Categories: []string{law, hiring}})
		m.published(firms[3].Caller, firms[3].app)
		if err := m.capability.Decide(m.t.Context(), admin, firms[3].Operator, firms[3].app, capability.Withdrawn, "强制授权手机号", ""); err != nil {
			m.t.Fatal(err)
		}
		// A draft is not enough.
		must(m.room.Create(m.t.Context(), firms[4].Caller, component.Sample(firms[4].app)))(m.t)
		want = []string{firms[1].app + " invalid", firms[3].app + " capability", firms[4].app + " component"}
		if got := lacking(); !slices.Equal(got, want) {
			m.t.Errorf("%v, want %v", got, want)
		}
		// A category that closed obliges nobody.
		if err := m.capability.SetOpen(m.t.Context(), admin, hiring, false, time.Time{}, "类目调整公告"); err != nil {
			m.t.Fatal(err)
		}
		if got := lacking(); got != nil {
			m.t.Errorf("closed: %v", got)
		}
	})
}

// Whatever is sent, a target is kept sound or refused whole.
func FuzzTarget(f *testing.F) {
	f.Add("咨询", "110101,440106", law, "pages/index/index")
	f.Add("", "", "", "")
	f.Add(strings.Repeat("长", 21), "440100", "8,9", "/pages/a?x=1,../../x")
	f.Add("a\x00", "１１０１０１", law+","+law, " ")
	f.Fuzz(func(t *testing.T, name, regions, categories, pages string) {
		got, problems := component.TidyTarget(component.Target{
			Name: name, Regions: strings.Split(regions, ","), Categories: strings.Split(categories, ","), Pages: strings.Split(pages, ","),
		}, law)
		if len(problems) > 0 {
			return
		}
		if again, more := component.TidyTarget(got, law); len(more) > 0 || fmt.Sprint(again) != fmt.Sprint(got) {
			t.Fatalf("%+v is not what it was: %+v, %v", got, again, more)
		}
		if got.Name == "" || len([]rune(got.Name)) > component.MaxTargetName || len(got.Regions) == 0 || !slices.Equal(got.Categories, []string{law}) {
			t.Fatalf("%+v", got)
		}
		for _, p := range got.Pages {
			if p == "" || strings.ContainsAny(p, "?#\\ ") || strings.HasPrefix(p, "/") {
				t.Fatalf("page %q", p)
			}
		}
	})
}
