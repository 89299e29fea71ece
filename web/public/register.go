package public

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"clew/app"
	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/norm"
	"clew/web"
	"clew/words"
)

// registerPage is how many entries stand on a page of the register.
const registerPage = 50

// published is a line of the register with the names people know.
type published struct {
	casework.Registered
	OperatorName string `json:"operator_name"`
	AppName      string `json:"app_name"`
	// URL stays the same whatever becomes of the entry.
	URL string `json:"url"`
}

type entryView struct {
	ID, URL, State, Measure string
	Facts                   []fact
}

type registerView struct {
	frame
	Entries       []entryView
	Older, Newest string
}

// cacheable lets anybody keep an answer for a minute: what is in the register is the
// same for all.
func cacheable(w http.ResponseWriter) {
	w.Header().Set("Cache-Control", "public, max-age=60")
	w.Header().Set("Vary", "Accept-Language")
}

// entries is a page of the register, and the id that continues it, "" at the end.
func (p *Pages) entries(r *http.Request) (list []published, next string, err error) {
	before := r.URL.Query().Get("before")
	if before != "" && !idShape.MatchString(before) {
		return nil, "", errLost
	}
	err = p.DB.Read(r.Context(), func(tx *db.Tx) error {
		page, err := casework.Register(r.Context(), tx, before, registerPage+1)
		if err != nil {
			return err
		}
		if len(page) > registerPage {
			page = page[:registerPage]
			next = page[registerPage-1].ID
		}
		list, err = p.named(r.Context(), tx, page)
		return err
	})
	return list, next, err
}

// named adds the names of operators and apps, each looked up once.
func (p *Pages) named(ctx context.Context, tx *db.Tx, page []casework.Registered) ([]published, error) {
	operators, apps := map[string]string{}, map[string]string{}
	list := make([]published, 0, len(page))
	for _, e := range page {
		if _, known := operators[e.Operator]; !known {
			o, err := app.GetOperator(ctx, tx, e.Operator)
			if err != nil {
				return nil, err
			}
			operators[e.Operator] = o.Name
		}
		if _, known := apps[e.App]; !known {
			a, err := app.Get(ctx, tx, e.Operator, e.App)
			if err != nil {
				return nil, err
			}
			apps[e.App] = a.Name
		}
		list = append(list, published{e, operators[e.Operator], apps[e.App], p.BaseURL + "/register/" + e.ID})
	}
	return list, nil
}

// registered is the newest entry about a case of the component's operator; "" where
// the register has none.
func (p *Pages) registered(ctx context.Context, v *component.Version, caseID string) (id string, err error) {
	if v == nil {
		return "", nil
	}
	return id, p.DB.Read(ctx, func(tx *db.Tx) error {
		list, err := casework.RegisterOf(ctx, tx, v.Operator, caseID)
		if len(list) > 0 {
			id = list[0].ID
		}
		return err
	})
}

func (e published) view(f frame) entryView {
	until := instant(f.Lang, e.Until)
	switch {
	case e.ToRecheck:
		until = f.t("register.until_recheck")
	case e.Until.IsZero():
		until = f.t("register.until_open")
	}
	v := entryView{
		ID: e.ID, URL: "/register/" + e.ID + "?lang=" + string(f.Lang), State: e.State, Measure: f.t("register.measure." + string(e.Kind)),
		Facts: []fact{
			{Term: f.t("register.operator"), Text: e.OperatorName},
			{Term: f.t("register.app"), Text: e.AppName},
			{Term: f.t("register.measure"), Text: f.t("register.measure." + string(e.Kind))},
			{Term: f.t("register.clauses"), Text: e.clauses()},
			{Term: f.t("register.reasons"), Text: e.reasons(f.Lang)},
			{Term: f.t("register.from"), Text: instant(f.Lang, e.From)},
			{Term: f.t("register.until"), Text: until},
			{Term: f.t("register.case"), Text: e.Case},
		},
	}
	if e.State != "active" {
		v.Facts = append(v.Facts, fact{Term: f.t("register.changed"), Text: instant(f.Lang, e.Changed)})
	}
	return v
}

// clauses are numbers and titles, one a line, as the norm had them then.
func (e published) clauses() string {
	edition := norm.At(e.From)
	lines := make([]string, 0, len(e.Clauses))
	for _, id := range e.Clauses {
		line := id
		if c, ok := edition.Clause(id); ok {
			line += " " + c.Title
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// reasons are always there in Chinese.
func (e published) reasons(lang words.Lang) string {
	if text := e.Reasons[lang]; text != "" {
		return text
	}
	return e.Reasons[words.ZH]
}

func (p *Pages) register(w http.ResponseWriter, r *http.Request) error {
	list, next, err := p.entries(r)
	if err != nil {
		return err
	}
	lang := web.Lang(r)
	v := registerView{frame: p.frame(r, lang, words.Langs())}
	v.Title = v.t("register.title")
	for _, e := range list {
		v.Entries = append(v.Entries, e.view(v.frame))
	}
	if next != "" {
		v.Older = "/register?" + url.Values{"lang": {string(lang)}, "before": {next}}.Encode()
	}
	if r.URL.Query().Get("before") != "" {
		v.Newest = "/register?lang=" + string(lang)
	}
	cacheable(w)
	return render(w, r, http.StatusOK, register(v))
}

func (p *Pages) registerEntry(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("entry")
	if !idShape.MatchString(id) {
		return errLost
	}
	var list []published
	err := p.DB.Read(r.Context(), func(tx *db.Tx) error {
		e, err := casework.RegisterEntry(r.Context(), tx, id)
		if err != nil {
			return err
		}
		list, err = p.named(r.Context(), tx, []casework.Registered{e})
		return err
	})
	if errors.Is(err, casework.ErrRegister) {
		return errLost
	} else if err != nil {
		return err
	}
	lang := web.Lang(r)
	v := registerView{frame: p.frame(r, lang, words.Langs()), Newest: "/register?lang=" + string(lang)}
	v.Entries = []entryView{list[0].view(v.frame)}
	v.Title = v.Entries[0].Measure
	cacheable(w)
	return render(w, r, http.StatusOK, registerOne(v))
}

func (p *Pages) registerJSON(w http.ResponseWriter, r *http.Request) error {
	list, next, err := p.entries(r)
	if err != nil {
		return err
	}
	body := struct {
		Entries []published `json:"entries"`
		// Next is the address of the older entries; absent at the end.
		Next string `json:"next,omitempty"`
	}{Entries: list}
	if next != "" {
		body.Next = p.BaseURL + "/register.json?before=" + next
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	cacheable(w)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err = w.Write(text)
	return err
}

// atomFeed is a feed by RFC 4287, its older pages linked by RFC 5005, section 3.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomAuthor  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
}

type atomEntry struct {
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Published string       `xml:"published"`
	Updated   string       `xml:"updated"`
	Link      atomLink     `xml:"link"`
	Category  atomCategory `xml:"category"`
	Content   atomText     `xml:"content"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// registerAtom is the register for feed readers. An entry that ends or is withdrawn
// keeps its id and gets a new time of update, so that readers show it again.
func (p *Pages) registerAtom(w http.ResponseWriter, r *http.Request) error {
	list, next, err := p.entries(r)
	if err != nil {
		return err
	}
	lang := web.Lang(r)
	f := p.frame(r, lang, nil)
	self, query := p.BaseURL+"/register.atom", "?"+r.URL.RawQuery
	if query == "?" {
		query = ""
	}
	feed := atomFeed{
		Lang: lang.BCP47(), ID: self, Title: f.t("register.title"), Author: atomAuthor{"Clew"}, Updated: time.UnixMilli(0).UTC().Format(time.RFC3339),
		Links: []atomLink{{"self", self + query, "application/atom+xml"}, {"alternate", p.BaseURL + "/register", "text/html"}},
	}
	if next != "" {
		feed.Links = append(feed.Links, atomLink{"next", self + "?" + url.Values{"before": {next}, "lang": {string(lang)}}.Encode(), "application/atom+xml"})
	}
	newest := time.Time{}
	for _, e := range list {
		if e.Changed.After(newest) {
			newest = e.Changed
			feed.Updated = newest.Format(time.RFC3339)
		}
		v := e.view(f)
		var text strings.Builder
		for _, x := range v.Facts {
			text.WriteString(x.Term + f.t("colon") + x.Text + "\n")
		}
		feed.Entries = append(feed.Entries, atomEntry{
			ID: e.URL, Published: e.Published.Format(time.RFC3339), Updated: e.Changed.Format(time.RFC3339),
			Title: f.t("register.line", "operator", e.OperatorName, "app", e.AppName, "measure", v.Measure, "state", f.t("register.state."+e.State)),
			Link:  atomLink{"alternate", e.URL, "text/html"}, Category: atomCategory{e.State}, Content: atomText{"text", text.String()},
		})
	}
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return err
	}
	cacheable(w)
	w.Header().Set("Content-Type", "application/atom+xml; charset=utf-8")
	w.Header().Set("Access-Control-Allow-Origin", "*")
	_, err = w.Write(append([]byte(xml.Header), body...))
	return err
}
