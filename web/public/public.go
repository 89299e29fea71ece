// Package public keeps one promise: a person who meets a lead component can read
// what it is for, say yes or no, and later see, withdraw and erase what they left,
// with any browser and no script.
//
// Nothing on these pages opens by itself, nothing is kept in the browser, and no
// personal data stands in an address. No business rule lives here: rooms decide,
// pages show.
package public

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/lead"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/words"
)

// Pages are the pages people see. Every field is needed but Proxies, Limits and
// Metrics.
type Pages struct {
	DB         *db.DB
	Ring       *seal.Ring
	Components *component.Room
	Intake     *lead.Intake
	Rights     *rights.Room
	Casework   *casework.Room
	// Widget holds VERSION/clew.js and VERSION/clew.d.ts.
	Widget  fs.FS
	Proxies web.Proxies
	Limits  *web.Limits
	Metrics *web.Metrics
	Log     *slog.Logger
	// BaseURL is scheme and host under which people reach this server, without a
	// slash at the end.
	BaseURL string
}

// Policies of the pages. Only the landing page runs a script, the element's; only
// pages with a form may send one, and only here.
const (
	policyBare   = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	policyWidget = policyBare + "; script-src 'self'; connect-src 'self'"
)

// Routes adds the pages to mux, and one for every address that nobody else has.
func (p *Pages) Routes(mux *http.ServeMux) {
	for pattern, h := range map[string]handler{
		"GET /{$}":                    p.front,
		"GET /c/{component}":          p.landing,
		"GET /c/{component}/form":     p.openForm,
		"POST /c/{component}/form":    p.own(p.postForm),
		"POST /c/{component}/decline": p.own(p.decline),
		"GET /r/{link}":               private(p.person),
		"GET /r/{link}/withdraw":      private(p.confirm("withdraw")),
		"POST /r/{link}/withdraw":     private(p.own(p.act("withdraw"))),
		"GET /r/{link}/erase":         private(p.confirm("erase")),
		"POST /r/{link}/erase":        private(p.own(p.act("erase"))),
		"GET /r/{link}/copy":          private(p.copyJSON),
		"GET /r/{link}/copy.jws":      private(p.copySigned),
		"GET /r/{link}/complain":      private(p.openComplaint),
		"POST /r/{link}/complain":     private(p.own(p.postComplaint)),
		"GET /register":               p.register,
		"GET /register/{entry}":       p.registerEntry,
		"GET /register.json":          p.registerJSON,
		"GET /register.atom":          p.registerAtom,
		"GET /complain":               p.openComplaint,
		"POST /complain":              p.own(p.postComplaint),
		"GET /complain/follow":        p.openFollow,
		"POST /complain/follow":       p.own(p.postFollow),
		"/":                           func(http.ResponseWriter, *http.Request) error { return errLost },
	} {
		mux.Handle(pattern, p.page(p.limited(h)))
	}
	// Files cost nothing and are kept by browsers: many people behind one address
	// may ask for them at once.
	for pattern, h := range map[string]handler{
		"GET /.well-known/clew/receipt-keys.json": p.receiptKeys,
		"GET /widget/{version}/{file}":            p.widget,
		"GET /assets/{file}":                      serveAsset,
		"GET /ledger/checkpoint":                  p.checkpoint,
		"GET /ledger/keys":                        p.ledgerKeys,
		"GET /ledger/tile/{path...}":              p.tile,
	} {
		mux.Handle(pattern, p.page(h))
	}
}

// handler answers a request or says why not; [Pages.page] turns the error into a
// page.
type handler func(w http.ResponseWriter, r *http.Request) error

var (
	// errLost is an address that leads nowhere.
	errLost = errors.New("no such page")
	// errForeign is a form that another site sent.
	errForeign = errors.New("the form was sent by another site")
	// errForm is a form with parts that its page does not have.
	errForm = errors.New("the form has parts its page does not have")
	// errTrigger is a trigger link that does not open.
	errTrigger = errors.New("the trigger link is not genuine or has expired")
)

func (p *Pages) page(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.SetHeaders(w, policyBare)
		// Same-origin requests need an Origin that is not "null": see own.
		w.Header().Set("Referrer-Policy", "same-origin")
		w.Header().Set("Cache-Control", "no-store")
		if err := h(w, r); err != nil {
			p.refuse(w, r, err)
		}
	})
}

// limited bounds how fast one address may ask.
func (p *Pages) limited(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if wait, ok := p.Limits.Take(p.Proxies.Address(r), time.Now()); !ok {
			problem := web.New(web.Lang(r), "too_many_requests")
			problem.RetryAfter = wait
			return problem
		}
		return h(w, r)
	}
}

// private is for pages that only the holder of a link may see: they are never
// kept, found or told to another site.
func private(h handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("X-Robots-Tag", "noindex, nofollow")
		return h(w, r)
	}
}

// own passes only forms sent by our own pages. A browser says where a form comes
// from in Sec-Fetch-Site, older ones in Origin. A page that tells no referrer
// sends "Origin: null"; where the address holds a secret link (/r/) that is let
// pass, since no other site can know where to send its form.
func (p *Pages) own(h handler) handler {
	guard := http.NewCrossOriginProtection()
	if p.BaseURL != "" {
		// Behind a proxy the Host header may be another.
		if err := guard.AddTrustedOrigin(p.BaseURL); err != nil {
			panic("public: BaseURL must be scheme and host: " + err.Error())
		}
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		ask := r
		if r.PathValue("link") != "" && r.Header.Get("Origin") == "null" && r.Header.Get("Sec-Fetch-Site") == "" {
			ask = r.Clone(r.Context())
			ask.Header.Del("Origin")
		}
		if guard.Check(ask) != nil {
			return errForeign
		}
		return h(w, r)
	}
}

func render(w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	return page.Render(r.Context(), w)
}

// refuse shows a page that says what went wrong and where to go from here. A
// wrong private link is told nothing more than any other wrong address.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, rights.ErrLink) {
		err = errLost
	}
	lang := web.Lang(r)
	v := plainView{frame: p.frame(r, lang, words.Langs())}
	v.Private = true
	v.NextURL, v.Next = "/?lang="+string(lang), v.t("home")
	problem := web.ProblemFor(err, lang)
	text := func(status int, key string) {
		problem.Status, v.Title, v.Texts = status, v.t(key+".title"), []string{v.t(key + ".text")}
	}
	back := func(key string) {
		if id := r.PathValue("component"); id != "" {
			v.NextURL, v.Next = landingPath(id, lang, r), v.t(key)
		}
	}
	switch {
	case errors.Is(err, errLost):
		text(web.New(lang, "not_found").Status, "lost")
	case errors.Is(err, component.ErrUnknown):
		text(problem.Status, "gone")
	case errors.Is(err, errForeign):
		text(web.New(lang, "origin_not_allowed").Status, "foreign")
		back("trigger.next")
	case errors.Is(err, errTrigger), errors.Is(err, seal.ErrToken):
		text(web.New(lang, "form_forged").Status, "trigger")
		back("trigger.next")
	case errors.Is(err, seal.ErrTokenExpired):
		text(problem.Status, "expired")
		back("again")
	case errors.Is(err, lead.ErrKeyReused):
		text(problem.Status, "reused")
		back("again")
	case errors.Is(err, errForm):
		problem = web.New(lang, "bad_request")
		v.Title, v.Texts = problem.Title, []string{v.t("errors.form")}
		back("again")
	default:
		v.Title, v.Texts = problem.Title, []string{problem.Detail}
		if problem.Case != "" {
			v.Facts = []fact{{Term: v.t("case"), Text: problem.Case}}
		}
		back("again")
	}
	if problem.Code == "internal" && problem.Status >= http.StatusInternalServerError {
		v.RequestID = web.RequestID(r)
		p.Log.Error("page failed", "request", v.RequestID, "route", r.Pattern, "error", err)
	}
	if problem.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(problem.RetryAfter.Seconds()+1)))
	}
	_ = render(w, r, problem.Status, plain(v))
}

// frame is the frame of a page that the platform itself speaks on.
func (p *Pages) frame(r *http.Request, lang words.Lang, langs []words.Lang) frame {
	f := frame{Lang: lang, Brand: "Clew", Home: "/?lang=" + string(lang)}
	for _, l := range langs {
		if l == lang {
			continue
		}
		q := r.URL.Query()
		q.Set("lang", string(l))
		// What was just done was said once.
		q.Del("new")
		q.Del("done")
		q.Del("declined")
		path := r.URL.EscapedPath()
		if r.Method != http.MethodGet {
			// The answer to a form has no address of its own in another language.
			continue
		}
		f.Others = append(f.Others, other{l, words.T(lang, "lang."+string(l)), path + "?" + q.Encode()})
	}
	return f
}

// landingPath leads to a component's own page, in the same language, as the same
// test.
func landingPath(id string, lang words.Lang, r *http.Request) string {
	return withPreview("/c/"+id+"?lang="+string(lang), r)
}

func withPreview(path string, r *http.Request) string {
	if token := r.URL.Query().Get("preview"); token != "" && len(token) <= 2000 && !strings.ContainsFunc(token, notBase64URL) {
		path += "&preview=" + token
	}
	return path
}

func notBase64URL(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_')
}

func (p *Pages) front(w http.ResponseWriter, r *http.Request) error {
	f := p.frame(r, web.Lang(r), words.Langs())
	f.Title = f.t("front.title")
	return render(w, r, http.StatusOK, front(f))
}
