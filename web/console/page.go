package console

import (
	"net/url"
	"strings"
	"time"

	"clew/access"
	"clew/words"
)

// page is what every template is given.
type page struct {
	Lang   words.Lang
	Title  string
	Path   string
	Query  url.Values
	Where  string // the operator's name, or the platform
	Caller access.Caller
	Flash  *flash
	Assets *assets
	Now    time.Time
	Dev    bool
	Inbox  bool
}

// T is a text of the console in the page's language.
func (p *page) T(key string, args ...any) string { return words.T(p.Lang, "console."+key, args...) }

// May reports whether the person at the page may do act.
func (p *page) May(act access.Act) bool { return p.Caller.May(act) }

func (p *page) role(r access.Role) string { return words.T(p.Lang, "role."+string(r)) }

// here is the page's own URL with one value of its query replaced, or removed
// when empty. A changed filter begins at the first page again.
func (p *page) here(key, value string) string { return withQuery(p.Path, p.Query, key, value) }

func withQuery(path string, query url.Values, key, value string) string {
	q := url.Values{}
	for k, values := range query {
		if k != key && (k != "cursor" || key == "lang") {
			q[k] = values
		}
	}
	if value != "" {
		q.Set(key, value)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// inLang is where the language switch leads. A page that answered a POST has no
// GET of its own; the switch then leads to the nearest page that has.
func (p *page) inLang(l words.Lang) string {
	path := p.Path
	for _, tail := range []string{
		"/reveal", "/check", "/test", "/publish", "/announce", "/drop",
		"/triage", "/assign", "/note", "/find", "/recheck", "/end", "/reopen", "/intend", "/decide", "/approve", "/decline", "/take", "/answer", "/reporter",
	} {
		path = strings.TrimSuffix(path, tail)
	}
	return withQuery(path, p.Query, "lang", string(l))
}

type crumb struct{ href, text string }

// trouble is one thing refused: the id of the field, and what to do.
type trouble struct{ Field, Text string }

// troubleOf is the trouble of one field; the zero value is none.
func troubleOf(list []trouble, field string) trouble {
	for _, t := range list {
		if t.Field == field {
			return t
		}
	}
	return trouble{}
}

type navItem struct {
	href, text, icon string
	current          bool
}

// places is the navigation: each leads to a page that asks for act.
var places = []struct {
	href, name string
	act        access.Act
}{
	{"/console/", "overview", access.LeadCount},
	{"/console/leads", "leads", access.LeadCount},
	{"/console/funnel", "funnel", access.LeadCount},
	{"/console/components", "components", access.ComponentRead},
	{"/console/apps", "apps", access.AppRead},
	{"/console/mycases", "mycases", access.CaseAnswer},
	{"/console/webhooks", "webhooks", access.WebhookRead},
	{"/console/exchange", "exchange", access.AppRead},
	{"/console/platform/queue", "queue", access.CapabilityDecide},
	{"/console/platform", "platform", access.CapabilityDecide},
	{"/console/platform/eligibility", "eligibility", access.EligibilityDecide},
	{"/console/platform/mandatory", "mandatory", access.CapabilityDecide},
	{"/console/platform/findings", "findings", access.CapabilityDecide},
	{"/console/cases", "cases", access.CaseQueue},
	{"/console/appeals", "appeals", access.CaseQueue},
	{"/console/policy", "policy", access.PolicyRead},
	{"/console/ledger", "ledger", access.LedgerRead},
	{"/console/people", "people", access.PeopleRead},
	{"/console/outbox", "outbox", access.OutboxRead},
	{"/console/audit", "audit", access.AuditRead},
	{"/console/installation", "installation", access.InstallationRead},
}

func (p *page) nav() []navItem {
	var list []navItem
	here, longest := -1, 0 // the place that the page lies in: of two, the nearer one
	for _, place := range places {
		if !p.May(place.act) {
			continue
		}
		within := p.Path == place.href || place.href != "/console/" && strings.HasPrefix(p.Path, place.href+"/") ||
			place.name == "webhooks" && strings.HasPrefix(p.Path, "/console/deliveries/")
		if within && len(place.href) > longest {
			here, longest = len(list), len(place.href)
		}
		list = append(list, navItem{place.href, p.T("nav." + place.name), place.name, false})
	}
	if here >= 0 {
		list[here].current = true
	}
	return list
}
