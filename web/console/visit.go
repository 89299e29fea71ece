package console

import (
	"bytes"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"clew/access"
	"clew/db"
	"clew/web"
	"clew/words"
)

// maxBody bounds every form the console takes, in bytes. The component editor's,
// with two languages and all fields, stays well below.
const maxBody = 256 << 10

const (
	pageCSP    = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-src 'self'; base-uri 'none'; frame-ancestors 'none'"
	previewCSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)

// visit is one request, by a member of staff where the route asks for one.
type visit struct {
	*page
	c   *Console
	w   http.ResponseWriter
	r   *http.Request
	who access.Session
}

type routes struct {
	c      *Console
	mux    *http.ServeMux
	guard  *http.CrossOriginProtection
	assets *assets
}

// open is a route for people who are not signed in.
func (r *routes) open(pattern string, fn func(*visit) error) {
	r.mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) {
		v, ok := r.begin(w, req)
		if !ok {
			return
		}
		if req.Method == http.MethodPost {
			if d, ok := r.c.Limits.Take(v.address(), v.Now); !ok {
				p := web.New(v.Lang, "too_many_requests")
				p.RetryAfter = d
				v.end(p)
				return
			}
		}
		v.end(fn(v))
	})
}

// staff is a route for a signed-in caller who may do act. Rooms check again where
// they record; this keeps pages that only read as closed as those that write.
func (r *routes) staff(pattern string, act access.Act, fn func(*visit) error) {
	r.mux.HandleFunc(pattern, func(w http.ResponseWriter, req *http.Request) { r.signedIn(w, req, act, fn) })
}

func (r *routes) signedIn(w http.ResponseWriter, req *http.Request, act access.Act, fn func(*visit) error) {
	v, ok := r.begin(w, req)
	if !ok {
		return
	}
	signedIn, err := v.identify()
	switch {
	case err != nil:
		v.end(err)
	case !signedIn && req.Method == http.MethodGet:
		v.redirect("/console/sign-in?next=" + url.QueryEscape(req.URL.RequestURI()))
	case !signedIn:
		v.flash(flash{Tone: "warn", Key: "signin.ended"})
		v.redirect("/console/sign-in")
	default:
		if err := r.c.Access.Check(req.Context(), v.Caller, act, access.Subject{Kind: "page"}); err != nil {
			v.end(err)
			return
		}
		v.end(fn(v))
	}
}

// rest answers everything under /console/ that no route names.
func (r *routes) rest() {
	r.mux.HandleFunc("/console/", func(w http.ResponseWriter, req *http.Request) {
		v, ok := r.begin(w, req)
		if !ok {
			return
		}
		if _, err := v.identify(); err != nil {
			v.end(err)
			return
		}
		v.end(web.New(v.Lang, "not_found"))
	})
	r.mux.HandleFunc("GET /console", func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "/console/", http.StatusSeeOther)
	})
}

// begin sets headers, reads the language and refuses what came from elsewhere.
func (r *routes) begin(w http.ResponseWriter, req *http.Request) (*visit, bool) {
	web.SetHeaders(w, pageCSP)
	w.Header().Set("Cache-Control", "no-store")
	// With no-referrer browsers send "Origin: null", which no check can tell apart.
	w.Header().Set("Referrer-Policy", "same-origin")
	req.Body = http.MaxBytesReader(w, req.Body, maxBody)
	v := &visit{c: r.c, w: w, r: req, page: &page{
		Lang: langOf(req), Path: req.URL.Path, Query: req.URL.Query(), Assets: r.assets, Now: r.c.DB.Now(),
		Dev: r.c.Dev, Inbox: r.c.Inbox != nil,
	}}
	if l := words.Lang(req.URL.Query().Get("lang")); l.Valid() {
		v.cookie("clew_lang", string(l), 365*24*time.Hour, http.SameSiteLaxMode)
		if req.Method == http.MethodGet {
			v.redirect(v.here("lang", ""))
			return nil, false
		}
	}
	if err := r.guard.Check(req); err != nil {
		p := web.New(v.Lang, "origin_not_allowed")
		p.Title, p.Detail = v.T("csrf.title"), v.T("csrf.text")
		v.end(p)
		return nil, false
	}
	if req.Method == http.MethodPost && !isJSON(req) {
		if err := req.ParseForm(); err != nil {
			var large *http.MaxBytesError
			if !errors.As(err, &large) {
				err = web.New(v.Lang, "bad_request")
			}
			v.end(err)
			return nil, false
		}
	}
	if !storable(req) {
		v.end(web.New(v.Lang, "bad_request"))
		return nil, false
	}
	return v, true
}

// storable reports whether path, query and form are text without NUL: no id of ours
// and nothing people write is otherwise, and PostgreSQL fails over it.
func storable(r *http.Request) bool {
	bad := func(s string) bool { return !utf8.ValidString(s) || strings.ContainsRune(s, 0) }
	if bad(r.URL.Path) {
		return false
	}
	for _, values := range []url.Values{r.URL.Query(), r.PostForm} {
		for name, all := range values {
			if bad(name) || slices.ContainsFunc(all, bad) {
				return false
			}
		}
	}
	return true
}

func isJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
}

// langOf is the cookie's language, then the browser's.
func langOf(r *http.Request) words.Lang {
	if c, err := r.Cookie("clew_lang"); err == nil && words.Lang(c.Value).Valid() {
		return words.Lang(c.Value)
	}
	return web.Lang(r)
}

// end answers when fn failed.
func (v *visit) end(err error) {
	if err == nil {
		return
	}
	switch {
	case errors.Is(err, access.ErrMissing):
		err = web.New(v.Lang, "not_found")
	case errors.Is(err, access.ErrStepUp):
		err = web.New(v.Lang, "step_up_needed")
	}
	p := web.ProblemFor(err, v.Lang)
	if p.Code == "internal" && v.r.Context().Err() == nil {
		v.c.Log.Error("console", "request", web.RequestID(v.r), "route", v.r.Pattern, "error", err)
	}
	f := failure{Code: p.Code, Detail: p.Detail}
	var denied *access.Denied
	if errors.As(err, &denied) {
		for _, role := range access.Roles() {
			// A role is either of an operator or of the platform.
			for _, operator := range []string{"any", ""} {
				if (access.Caller{Kind: access.KindStaff, Operator: operator, Role: role}).May(denied.Act) {
					f.Roles = append(f.Roles, role)
				}
			}
		}
	}
	if back, err := url.Parse(v.r.Header.Get("Referer")); err == nil && v.r.Method == http.MethodPost &&
		back.Host == v.r.Host && strings.HasPrefix(back.Path, "/console/") {
		f.Back = back.RequestURI()
	}
	if p.RetryAfter > 0 {
		v.w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	}
	v.Title = p.Title
	if isJSON(v.r) || v.r.Header.Get("Clew-Part") != "" {
		web.WriteProblem(v.w, v.r, p)
		return
	}
	v.Flash = nil
	_ = v.write(p.Status, failed(v.page, f))
}

// failure is an error page.
type failure struct {
	Code, Detail, Back string
	Roles              []access.Role
}

// show answers with a page.
func (v *visit) show(title string, body func(*page) templ.Component) error {
	v.Title = title
	v.takeFlash()
	return v.write(http.StatusOK, body(v.page))
}

// write renders into memory first: a page that breaks off half-way is no page.
func (v *visit) write(status int, body templ.Component) error {
	var b bytes.Buffer
	if err := body.Render(v.r.Context(), &b); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(b.Bytes())
	return nil
}

func (v *visit) redirect(to string) {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
}

// back is the end of a change: a word about it, and another page.
func (v *visit) back(to string, f flash) error {
	v.flash(f)
	v.redirect(to)
	return nil
}

// read runs fn in a read transaction.
func (v *visit) read(fn func(tx *db.Tx) error) error { return v.c.DB.Read(v.r.Context(), fn) }

// address is where the client comes from, for caps only.
func (v *visit) address() string { return v.c.Proxies.Address(v.r) }

func (c *Console) secure() bool { return strings.HasPrefix(c.BaseURL, "https:") }

// cookie sets a cookie no script reads. life 0 is the browser's session, below 0
// removes it.
func (v *visit) cookie(name, value string, life time.Duration, site http.SameSite) {
	k := &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, Secure: v.c.secure(), SameSite: site, MaxAge: int(life / time.Second)}
	if life < 0 {
		k.MaxAge = -1
	}
	http.SetCookie(v.w, k)
}
