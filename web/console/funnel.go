package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/db"
	"clew/funnel"
	"clew/web"
	"clew/words"
)

// funnelView is the funnel page. Everything on it follows from the URL.
type funnelView struct {
	From, To   string // days, as the fields show them
	Component  string
	Scene      string
	Components []named
	Summary    funnel.Summary
	Sources    []funnel.SourceRow
	ByPart     []funnel.ComponentRow
	Rooms      []funnel.ItemRow
	Videos     []funnel.ItemRow
	// More are how many rows each list has beyond those shown.
	MoreRooms, MoreVideos, MoreParts int
	Points                           []funnel.Point
	Hourly                           bool
	Trend                            string // JSON for the script
	Narrowed                         bool
}

const funnelRows = 20

// funnelQuery reads the filters. What makes no sense is left out: an old bookmark
// must not become an error.
func (v *visit) funnelQuery() (view funnelView, q funnel.Query) {
	get := v.r.URL.Query()
	day := today(v.Now)
	q.From, q.To = day.AddDate(0, 0, -6), day.AddDate(0, 0, 1)
	if from := parseDay(get.Get("from")); !from.IsZero() {
		q.From = from
	}
	if to := parseDay(get.Get("to")); !to.IsZero() {
		q.To = to.AddDate(0, 0, 1)
	}
	if !q.From.Before(q.To) || q.To.Sub(q.From) > 400*24*time.Hour {
		q.From, q.To = day.AddDate(0, 0, -6), day.AddDate(0, 0, 1)
	}
	view.From, view.To = q.From.In(zone).Format(time.DateOnly), q.To.In(zone).AddDate(0, 0, -1).Format(time.DateOnly)
	if slices.Contains(funnel.Scenes(), get.Get("source")) {
		view.Scene = get.Get("source")
		q.Scene = view.Scene
	}
	if id := get.Get("component"); id != "" && len(id) <= 64 {
		view.Component = id
		q.Components = []string{id}
	}
	view.Hourly = q.To.Sub(q.From) <= 48*time.Hour
	view.Narrowed = len(get) > 0
	return view, q
}

func (v *visit) funnelView() (view funnelView, err error) {
	view, q := v.funnelQuery()
	if view.Components, err = v.componentNames(); err != nil {
		return view, err
	}
	ctx, operator := v.r.Context(), v.Caller.Operator
	q.Size = funnelRows
	err = v.read(func(tx *db.Tx) (err error) {
		if view.Summary, err = funnel.Overview(ctx, tx, operator, q); err != nil {
			return err
		}
		all := q
		all.Scene = "" // the list of sources shows them all
		if view.Sources, err = funnel.BySource(ctx, tx, operator, all); err != nil {
			return err
		}
		total := 0
		if view.ByPart, total, err = funnel.ByComponent(ctx, tx, operator, q); err != nil {
			return err
		}
		view.MoreParts = total - len(view.ByPart)
		if view.Rooms, total, err = funnel.ByItem(ctx, tx, operator, funnel.ItemLive, q); err != nil {
			return err
		}
		view.MoreRooms = total - len(view.Rooms)
		view.Videos, total, err = funnel.ByItem(ctx, tx, operator, funnel.ItemVideo, q)
		view.MoreVideos = total - len(view.Videos)
		return err
	})
	if err != nil {
		return view, err
	}
	view.Points = everyPoint(view.Summary, q, view.Hourly, v.Now)
	trend, err := json.Marshal(v.trend(view))
	view.Trend = string(trend)
	return view, err
}

// everyPoint fills the days or hours between, so that a quiet one is a zero and no
// gap; hours that are still to come are left out.
func everyPoint(s funnel.Summary, q funnel.Query, hourly bool, now time.Time) []funnel.Point {
	from := s.Days
	step := 24 * time.Hour
	if hourly {
		from, step = s.Hours, time.Hour
	}
	have := map[string]funnel.Metrics{}
	for _, p := range from {
		have[p.Day+" "+strconv.Itoa(p.Hour)] = p.Metrics
	}
	var out []funnel.Point
	for t := q.From.In(zone); t.Before(q.To) && !t.After(now); t = t.Add(step) {
		p := funnel.Point{Day: t.Format("20060102"), Hour: -1}
		if hourly {
			p.Hour = t.Hour()
		}
		p.Metrics = have[p.Day+" "+strconv.Itoa(p.Hour)]
		out = append(out, p)
	}
	return out
}

// drawn are the kinds of the trend chart.
var drawn = []funnel.Kind{funnel.Show, funnel.Click, funnel.Report, funnel.Lead, funnel.ValidLead}

type trend struct {
	At     []int64       `json:"at"` // seconds since 1970
	Hourly bool          `json:"hourly"`
	Time   string        `json:"time"` // what the axis is called
	Series []trendSeries `json:"series"`
}

type trendSeries struct {
	Label  string  `json:"label"`
	Values []int64 `json:"values"`
}

func (p *page) trend(view funnelView) trend {
	t := trend{Hourly: view.Hourly, Time: p.T("time"), At: []int64{}}
	for _, at := range view.Points {
		t.At = append(t.At, pointTime(at).Unix())
	}
	for _, k := range drawn {
		s := trendSeries{Label: p.kind(k), Values: []int64{}}
		for _, at := range view.Points {
			pv, _ := at.Of(k)
			s.Values = append(s.Values, pv)
		}
		t.Series = append(t.Series, s)
	}
	return t
}

func pointTime(at funnel.Point) time.Time {
	t, err := time.ParseInLocation("20060102", at.Day, zone)
	if err != nil {
		return time.Time{}
	}
	return t.Add(time.Duration(max(at.Hour, 0)) * time.Hour)
}

func (p *page) pointLabel(at funnel.Point) string {
	if at.Hour < 0 {
		return pointTime(at).Format(time.DateOnly)
	}
	return pointTime(at).Format("01-02 15:04")
}

func (c *Console) funnel(v *visit) error {
	view, err := v.funnelView()
	if err != nil {
		return err
	}
	return v.show(v.T("funnel.title"), func(p *page) templ.Component { return funnelPage(p, view) })
}

// funnelFresh answers the script with the parts of the page that numbers stand in.
func (c *Console) funnelFresh(v *visit) error {
	v.Path = "/console/funnel"
	view, err := v.funnelView()
	if err != nil {
		return err
	}
	answer := struct {
		Parts map[string]string `json:"parts"`
		Trend trend             `json:"trend"`
	}{map[string]string{}, v.trend(view)}
	for id, part := range map[string]templ.Component{
		"asof": funnelAsOf(v.page), "steps": funnelSteps(v.page, view), "points": funnelPoints(v.page, view), "sources": funnelSources(v.page, view),
		"parts": funnelParts(v.page, view), "rooms": funnelItems(v.page, "room", view.Rooms, view.MoreRooms),
		"videos": funnelItems(v.page, "video", view.Videos, view.MoreVideos),
	} {
		var b bytes.Buffer
		if err := part.Render(v.r.Context(), &b); err != nil {
			return err
		}
		answer.Parts[id] = b.String()
	}
	v.w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.w).Encode(answer)
}

func (p *page) kind(k funnel.Kind) string { return words.T(p.Lang, "funnel.kind."+string(k)) }

func (p *page) scene(s string) string { return words.T(p.Lang, "funnel.scene."+s) }

// freshURL is where the script asks for the numbers of this page.
func freshURL(p *page) string {
	q := url.Values{}
	for _, k := range []string{"from", "to", "component", "source"} {
		if s := p.Query.Get(k); s != "" {
			q.Set(k, s)
		}
	}
	return "/console/funnel/fresh?" + q.Encode()
}

// presets are ranges people ask for; the last day is today.
func (p *page) preset(days int) string {
	day := today(p.Now)
	q := url.Values{}
	for k, values := range p.Query {
		q[k] = values
	}
	q.Set("from", day.AddDate(0, 0, 1-days).Format(time.DateOnly))
	q.Set("to", day.Format(time.DateOnly))
	return "/console/funnel?" + q.Encode()
}

// share is how much of the step before came here: "12.5 %"; a dash where it cannot
// be said, for counts do not have to grow smaller.
func share(n, of int64) string {
	if of == 0 {
		return "—"
	}
	return strconv.FormatFloat(100*float64(n)/float64(of), 'f', 1, 64) + " %"
}

// bar is the length of n's bar, in hundredths of the longest.
func bar(n, longest int64) string {
	if longest == 0 || n <= 0 {
		return "0"
	}
	return strconv.FormatFloat(max(100*float64(n)/float64(longest), 0.4), 'f', 2, 64)
}

// longest is the largest count of the funnel.
func longest(m funnel.Metrics) (most int64) {
	for _, k := range funnel.Kinds() {
		pv, uv := m.Of(k)
		most = max(most, pv, uv)
	}
	return most
}

func amount(n int64) string { return count(int(n)) }

// policyView is the page of what makes a lead valid.
type policyView struct {
	Now      funnel.Policy   // in force
	Policies []funnel.Policy // newest first, without the default
	Form     funnel.Policy
	From     string
	Reason   string
	Reasons  []string
	Troubles []trouble
}

func (c *Console) policyView(v *visit) (view policyView, err error) {
	all, err := c.Funnel.Policies(v.r.Context(), v.Caller)
	if err != nil {
		return view, err
	}
	for _, p := range all {
		if !p.From.After(v.Now) {
			view.Now = p
		}
	}
	view.Policies = slices.Clone(all[1:])
	slices.Reverse(view.Policies)
	view.Form, view.Reasons = view.Now, c.Funnel.Reasons
	return view, nil
}

func (c *Console) policy(v *visit) error {
	view, err := c.policyView(v)
	if err != nil {
		return err
	}
	return v.show(v.T("policy.title"), func(p *page) templ.Component { return policyPage(p, view) })
}

func (c *Console) setPolicy(v *visit) error {
	f := v.r.PostForm
	days, err := strconv.Atoi(f.Get("window"))
	if err != nil {
		days = 0
	}
	set := funnel.Policy{Verified: f.Get("verified") != "", Outcomes: f["outcome"], Void: f["void"], WindowDays: days}
	if from := f.Get("from"); from != "" && from != today(v.Now).Format(time.DateOnly) {
		set.From = parseDay(from)
		if set.From.IsZero() {
			set.From = time.Unix(1, 0) // refused with the field
		}
	}
	_, err = c.Funnel.SetPolicy(v.r.Context(), v.Caller, set, f.Get("reason"))
	if err == nil {
		return v.back("/console/funnel/policy", flash{Tone: "good", Key: "policy.saved"})
	}
	var bad *funnel.BadPolicy
	if !errors.As(err, &bad) && !errors.Is(err, access.ErrReason) {
		var invalid *access.Invalid
		if !errors.As(err, &invalid) {
			return err
		}
	}
	view, again := c.policyView(v)
	if again != nil {
		return again
	}
	view.Form, view.From, view.Reason = set, f.Get("from"), f.Get("reason")
	for _, e := range web.ProblemFor(err, v.Lang).Errors {
		view.Troubles = append(view.Troubles, trouble{"policy-" + e.Field, e.Message})
	}
	if len(view.Troubles) == 0 {
		view.Troubles = []trouble{{"policy-reason", web.ProblemFor(err, v.Lang).Detail}}
	}
	v.Title = v.T("policy.title")
	return v.write(422, policyPage(v.page, view))
}

// rule is a policy in one sentence.
func (p *page) rule(r funnel.Policy) string {
	var ways []string
	if r.Verified {
		ways = append(ways, p.T("policy.way.verified"))
	}
	for _, o := range r.Outcomes {
		ways = append(ways, p.T("lead.state."+o))
	}
	var joined string
	for i, w := range ways {
		if i > 0 {
			joined += p.T("policy.or")
		}
		joined += w
	}
	return p.T("policy.rule", "ways", joined, "days", r.WindowDays, "void", len(r.Void))
}

func (p *page) why(code string) string { return words.T(p.Lang, "funnel.valid."+code) }

func has(list []string, one string) bool { return slices.Contains(list, one) }

// before is the step that each step is compared with: by visitors up to the consent,
// and a person can only leave what was opened.
var before = map[funnel.Kind]funnel.Kind{
	funnel.AnchorShow: funnel.View, funnel.AnchorTap: funnel.AnchorShow, funnel.AppOpen: funnel.AnchorTap, funnel.Show: funnel.AppOpen,
	funnel.Click: funnel.Show, funnel.Open: funnel.Click, funnel.Consent: funnel.Open, funnel.Refuse: funnel.Open,
	funnel.Report: funnel.Consent, funnel.Lead: funnel.Report, funnel.ValidLead: funnel.Lead,
}

// shareOf is how much of its step before the i-th step is, by times.
func shareOf(m funnel.Metrics, i int) string {
	k := funnel.Kinds()[i]
	if before[k] == "" {
		return "—"
	}
	n, _ := m.Of(k)
	of, _ := m.Of(before[k])
	return share(n, of)
}
