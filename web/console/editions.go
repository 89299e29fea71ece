package console

import (
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/capability"
	"clew/casework"
	"clew/db"
	"clew/policy"
	"clew/web"
)

func editionURL(hash string) string { return "/console/policy/" + url.PathEscape(hash) }

// bucket is ten points of the score, the full score apart.
type bucket struct {
	X, Height    int // of the drawing, 0 to 100
	Apps         int
	Label, Range string
}

func buckets(scores map[int]int) []bucket {
	list := make([]bucket, 11)
	most := 1
	for i := range list {
		list[i] = bucket{X: i * 10, Label: text(i * 10), Range: text(i*10) + "–" + text(i*10+9)}
	}
	list[10].Range = text(capability.FullCredit)
	for score, n := range scores {
		b := &list[min(max(score, 0)/10, 10)]
		b.Apps += n
		most = max(most, b.Apps)
	}
	for i := range list {
		list[i].Height = list[i].Apps * 96 / most
		if list[i].Apps > 0 {
			list[i].Height = max(2, list[i].Height)
		}
	}
	return list
}

type editionsView struct {
	Now    *policy.Edition
	Kept   []policy.Kept
	Staff  map[string]string
	Scores []bucket
}

func (c *Console) policies(v *visit) error {
	var view editionsView
	if err := v.read(func(tx *db.Tx) (err error) {
		ctx := v.r.Context()
		if view.Now, err = policy.At(ctx, tx, tx.Now()); err != nil {
			return err
		}
		if view.Kept, err = policy.Editions(ctx, tx); err != nil {
			return err
		}
		scores, err := capability.Scores(ctx, tx)
		if err != nil {
			return err
		}
		view.Scores = buckets(scores)
		view.Staff, err = access.StaffNames(ctx, tx, "")
		return err
	}); err != nil {
		return err
	}
	return v.show(v.T("standard.title"), func(p *page) templ.Component { return editionsPage(p, view) })
}

// stage is how far an edition has come today, with its colour.
func (v *editionsView) stage(k policy.Kept, now time.Time) (tone, key string) {
	switch {
	case k.Hash == v.Now.Hash():
		return "good", "in_force"
	case k.Stage == policy.Announced && k.Effective.After(now):
		return "warn", "announced"
	case k.Stage == policy.Announced:
		return "", "retired"
	}
	return map[policy.Stage]string{policy.DraftStage: "info"}[k.Stage], string(k.Stage)
}

// effects is what an edition would change: among all combinations of facts, and among
// what was decided.
type effects struct {
	Rows    []rowCover
	All     int
	Classes []*policy.Class
	Total   map[policy.Change]int
	Past    []pastChange
	Tally   map[policy.Change]int
	Against *policy.Edition
	Failed  string // why the past could not be decided by it
}

type rowCover struct {
	Row policy.Row
	N   int
}

type pastChange struct {
	casework.Difference
	AppName string
}

func (c *Console) effectsOf(v *visit, e *policy.Edition) (x effects, err error) {
	rows, all, err := e.Coverage()
	if err != nil {
		return x, err
	}
	x.All, x.Total, x.Tally = all, map[policy.Change]int{}, map[policy.Change]int{}
	for _, r := range e.Matrix {
		x.Rows = append(x.Rows, rowCover{r, rows[r.ID]})
	}
	if err := v.read(func(tx *db.Tx) (err error) {
		x.Against, err = policy.At(v.r.Context(), tx, tx.Now())
		return err
	}); err != nil {
		return x, err
	}
	if x.Against.Hash() != e.Hash() {
		if x.Classes, err = policy.Diff(x.Against, e); err != nil {
			return x, err
		}
		for _, k := range x.Classes {
			for change, n := range k.Count {
				x.Total[change] += n
			}
		}
	}
	past, err := c.Casework.Backtest(v.r.Context(), v.Caller, e)
	if err != nil {
		x.Failed = err.Error()
		return x, nil
	}
	return x, v.read(func(tx *db.Tx) error {
		names := namesIn(v.r.Context(), tx)
		for _, d := range past {
			x.Tally[d.Change]++
			if d.Change == policy.Same {
				continue
			}
			name, err := names.app(d.Operator, d.App)
			if err != nil {
				return err
			}
			x.Past = append(x.Past, pastChange{d, name})
		}
		return nil
	})
}

type editionView struct {
	E        *policy.Edition
	Kept     *policy.Kept // nil is the one that ships
	Staff    map[string]string
	InForce  bool
	Effects  *effects // nil unless asked for
	Earliest string   // day, of a draft
	Days     int
	Typed    url.Values
	Problems []trouble
}

func (c *Console) edition(v *visit) error { return c.showEdition(v, editionView{}) }

func (c *Console) showEdition(v *visit, view editionView) error {
	hash := v.r.PathValue("hash")
	if err := v.read(func(tx *db.Tx) (err error) {
		ctx := v.r.Context()
		if view.E, err = policy.ByHash(ctx, tx, hash); err != nil {
			return err
		}
		kept, err := policy.Editions(ctx, tx)
		if err != nil {
			return err
		}
		for i := range kept {
			if kept[i].Hash == hash {
				view.Kept = &kept[i]
			}
		}
		now, err := policy.At(ctx, tx, tx.Now())
		if err != nil {
			return err
		}
		view.InForce = now.Hash() == hash
		if view.Kept != nil && view.Kept.Stage == policy.DraftStage {
			if view.Days, err = policy.NoticeDays(now, view.E); err != nil {
				return err
			}
			view.Earliest = policy.Span{N: view.Days, Unit: "d"}.After(tx.Now()).In(zone).Format(time.DateOnly)
		}
		view.Staff, err = access.StaffNames(ctx, tx, "")
		return err
	}); err != nil {
		return err
	}
	if v.r.URL.Query().Get("tab") == "effects" {
		x, err := c.effectsOf(v, view.E)
		if err != nil {
			return err
		}
		view.Effects = &x
	}
	return v.show(v.T("standard.edition", "name", view.E.Name), func(p *page) templ.Component { return editionPage(p, view) })
}

// editionText is the edition's own text, as a file.
func (c *Console) editionText(v *visit) error {
	var e *policy.Edition
	if err := v.read(func(tx *db.Tx) (err error) {
		e, err = policy.ByHash(v.r.Context(), tx, v.r.PathValue("hash"))
		return err
	}); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="policy-`+e.Hash()[:12]+`.yaml"`)
	_, _ = v.w.Write([]byte(e.Text()))
	return nil
}

type draftView struct {
	Text    string
	Defects []defect
	Checked bool // nothing is wrong with it
	Effects *effects
}

// defect is something wrong with a text, with the line it stands in.
type defect struct {
	policy.Defect
	Line int
	Text string
}

func (c *Console) newEdition(v *visit) error {
	view := draftView{}
	if err := v.read(func(tx *db.Tx) error {
		from := v.r.URL.Query().Get("from")
		e, err := policy.At(v.r.Context(), tx, tx.Now())
		if err == nil && from != "" {
			e, err = policy.ByHash(v.r.Context(), tx, from)
		}
		if err == nil {
			view.Text = e.Text()
		}
		return err
	}); err != nil {
		return err
	}
	return v.show(v.T("standard.new"), func(p *page) templ.Component { return draftPage(p, view) })
}

func (c *Console) saveEdition(v *visit) error {
	// Browsers send lines with CR LF; an edition's hash must not depend on who saved it.
	view := draftView{Text: strings.ReplaceAll(v.r.PostForm.Get("text"), "\r\n", "\n")}
	if !strings.HasSuffix(view.Text, "\n") {
		view.Text += "\n"
	}
	var e *policy.Edition
	var err error
	if v.r.PostForm.Get("check") != "" {
		e, err = policy.Parse(view.Text)
	} else if e, err = c.Policies.Save(v.r.Context(), v.Caller, view.Text); err == nil {
		return v.back(editionURL(e.Hash())+"?tab=effects", flash{Tone: "good", Key: "standard.saved"})
	}
	var faulty *policy.Faulty
	switch {
	case errors.As(err, &faulty):
		lines := strings.Split(view.Text, "\n")
		for _, d := range faulty.Defects {
			one := defect{Defect: d, Line: d.Line}
			if d.Line > 0 && d.Line <= len(lines) {
				one.Text = lines[d.Line-1]
			}
			view.Defects = append(view.Defects, one)
		}
	case err != nil:
		return err
	default:
		view.Checked = true
		x, err := c.effectsOf(v, e)
		if err != nil {
			return err
		}
		view.Effects = &x
	}
	return v.show(v.T("standard.new"), func(p *page) templ.Component { return draftPage(p, view) })
}

// announce approves a draft and says from which day on it holds.
func (c *Console) announce(v *visit) error {
	hash := v.r.PathValue("hash")
	day := parseDay(v.r.PostForm.Get("effective"))
	if day.IsZero() {
		return c.showEdition(v, editionView{Typed: v.r.PostForm, Problems: []trouble{{"effective", v.T("standard.day")}}})
	}
	_, err := c.Policies.Announce(v.r.Context(), v.Caller, hash, day)
	return c.editionEnd(v, err, "standard.announced.done")
}

func (c *Console) dropEdition(v *visit) error {
	return c.editionEnd(v, c.Policies.Drop(v.r.Context(), v.Caller, v.r.PathValue("hash")), "standard.dropped.done")
}

func (c *Console) editionEnd(v *visit, err error, done string) error {
	var soon *policy.TooSoon
	var faulty *policy.Faulty
	switch {
	case errors.As(err, &soon), errors.Is(err, policy.ErrOwn):
		return c.showEdition(v, editionView{Typed: v.r.PostForm, Problems: []trouble{{"effective", web.ProblemFor(err, v.Lang).Detail}}})
	case errors.As(err, &faulty):
		return c.showEdition(v, editionView{Typed: v.r.PostForm, Problems: []trouble{{"", v.T("standard.stage.wrong")}}})
	case err != nil:
		return err
	}
	return v.back(editionURL(v.r.PathValue("hash")), flash{Tone: "good", Key: done})
}
