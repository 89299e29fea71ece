package console

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/diagnosis"
	"clew/exchange"
	"clew/words"
)

// exchangeView is the page of other platforms: what Clew may fetch numbers with, and
// why a page cannot ask for them.
type exchangeView struct {
	Apps        []app.App
	Credentials []exchange.Credential
	// Draft is what was entered and refused, without what is secret.
	Draft    exchange.NewCredential
	Overlap  string
	Problems []trouble

	Asked  question
	Answer *diagnosis.Diagnosis
}

// question is the diagnosis form as it was sent.
type question struct {
	App, ConfigID string
	NoID          bool   // the form has no clue-component-id
	Target        string // "", one, other, none: what was seen of conversion-target
	Attributes    string
}

func (c *Console) exchange(v *visit) error {
	view := exchangeView{}
	q := v.r.URL.Query()
	view.Asked = question{
		App: q.Get("app"), ConfigID: strings.TrimSpace(q.Get("config_id")), NoID: q.Get("no_id") != "", Target: q.Get("target"),
		Attributes: strings.TrimSpace(q.Get("attributes")),
	}
	if view.Asked.App != "" {
		d, err := c.Diagnosis.Diagnose(v.r.Context(), v.Caller, view.Asked.read())
		switch {
		case errors.Is(err, diagnosis.ErrQuestion):
			view.Problems = []trouble{{"config_id", v.T("exchange.ask.long")}}
		case err != nil:
			return err
		default:
			view.Answer = &d
		}
	}
	return c.showExchange(v, view)
}

// read is the question as diagnosis wants it: what was left open was not looked at.
func (q question) read() diagnosis.Question {
	out := diagnosis.Question{App: q.App}
	if q.ConfigID != "" || q.NoID {
		out.ConfigID = &q.ConfigID
	}
	if value, seen := map[string]string{"one": "1", "other": "?", "none": ""}[q.Target]; seen {
		out.ConversionTarget = &value
	}
	if q.Attributes != "" {
		out.Attributes = strings.FieldsFunc(q.Attributes, func(c rune) bool {
			return strings.ContainsRune(" \t\r\n,;，；、<>/\"'", c)
		})
		for i, name := range out.Attributes {
			out.Attributes[i], _, _ = strings.Cut(name, "=") // pasted with its value
		}
	}
	return out
}

func (c *Console) showExchange(v *visit, view exchangeView) error {
	err := v.read(func(tx *db.Tx) (err error) {
		view.Apps, err = app.List(v.r.Context(), tx, v.Caller.Operator)
		return err
	})
	if err != nil {
		return err
	}
	if v.May(access.ExchangeRead) {
		if view.Credentials, err = c.Exchange.List(v.r.Context(), v.Caller); err != nil {
			return err
		}
	}
	return v.show(v.T("nav.exchange"), func(p *page) templ.Component { return exchangePage(p, view, c.BaseURL) })
}

// overlaps is how long the former version stays in force.
var overlaps = []struct {
	name string
	d    time.Duration
}{{"day", 24 * time.Hour}, {"hour", time.Hour}, {"week", 7 * 24 * time.Hour}, {"none", -1}}

func (c *Console) putCredential(v *visit) error {
	f := v.r.PostForm
	n := exchange.NewCredential{
		App: f.Get("app"), Platform: exchange.Platform(f.Get("platform")), AppID: f.Get("app_id"), Secret: f.Get("secret"),
		PrivateKey: f.Get("private_key"), AESKey: f.Get("aes_key"), PublicKey: f.Get("public_key"),
	}
	for _, o := range overlaps {
		if o.name == f.Get("overlap") {
			n.Overlap = o.d
		}
	}
	made, err := c.Exchange.Put(v.r.Context(), v.Caller, n)
	var bad *exchange.BadCredential
	list := []trouble(nil)
	switch {
	case errors.As(err, &bad):
		for _, p := range bad.Problems {
			list = append(list, trouble{p.Field, words.T(v.Lang, "problem.credential."+p.Field+"."+p.Code)})
		}
		list = append(list, trouble{"", v.T("exchange.again")})
	case errors.Is(err, exchange.ErrTooMany):
		list = append(list, trouble{"", words.T(v.Lang, "problem.credential_too_many.detail")})
	case err != nil:
		return err
	default:
		return v.back("/console/exchange", flash{Tone: "good", Key: "exchange.put", Args: []string{"n", strconv.Itoa(made.Version)}})
	}
	return c.showExchange(v, exchangeView{
		Draft:   exchange.NewCredential{App: n.App, Platform: n.Platform, AppID: n.AppID},
		Overlap: f.Get("overlap"), Problems: list,
	})
}

func (c *Console) endCredential(v *visit) error {
	version, _ := strconv.Atoi(v.r.PathValue("version")) // what is no number is no version
	err := c.Exchange.End(v.r.Context(), v.Caller, v.r.PathValue("app"), exchange.Platform(v.r.PathValue("platform")), version)
	if err != nil {
		return err
	}
	return v.back("/console/exchange", flash{Tone: "good", Key: "exchange.ended"})
}

func credentialURL(c exchange.Credential) string {
	return "/console/exchange/" + url.PathEscape(c.App) + "/" + string(c.Platform) + "/" + strconv.Itoa(c.Version) + "/end"
}

// hookURL is where Douyin's console is told to push events of an app.
func hookURL(base string, c exchange.Credential) string {
	return base + "/v1/platforms/douyin/" + c.Operator + "/" + c.App + "/webhook"
}

// newest reports whether c is the version in force that is used first.
func (v exchangeView) newest(p *page, c exchange.Credential) bool {
	for _, other := range v.Credentials {
		if other.App == c.App && other.Platform == c.Platform && other.InForce(p.Now) {
			return other.Version == c.Version
		}
	}
	return false
}

func (v exchangeView) appName(id string) string {
	for _, a := range v.Apps {
		if a.ID == id {
			return a.Name
		}
	}
	return short(id)
}

// detail says more of a cause; ids of apps are told by their names.
func (v exchangeView) detail(p *page, j diagnosis.Judged) string {
	args := append([]any{}, j.Args...)
	for i := 0; i+1 < len(args); i += 2 {
		if id, ok := args[i+1].(string); ok && args[i] == "app" {
			args[i+1] = v.appName(id)
		}
	}
	return words.T(p.Lang, "diagnosis.detail."+j.Detail, args...)
}

func causeTone(v diagnosis.Verdict) string {
	return map[diagnosis.Verdict]string{diagnosis.Holds: "bad", diagnosis.Not: "good", diagnosis.Unknown: ""}[v]
}
