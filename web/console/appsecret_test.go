package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clew/access"
	"clew/app"
	"clew/db"
)

func TestTheSecretOfAnApp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		at := appURL(w.app, "/secret")
		v := w.as(access.RoleOwner)
		scopes := func() (s access.Scopes) {
			t.Helper()
			w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
				s, err = access.AppScopes(t.Context(), tx, w.operator, w.app)
				return err
			}))
			return s
		}
		status, body := v.get(at)
		if status != http.StatusOK || strings.Count(body, `name="rights"`) != 3 || strings.Count(body, " checked") != 2 {
			t.Errorf("the page answered %d", status)
		}
		for _, c := range []struct {
			rights []string
			want   access.Scopes
		}{
			{[]string{"read", "reveal"}, access.ScopeRead | access.ScopeReveal}, {nil, 0}, {[]string{"write"}, access.ScopeWrite},
		} {
			if status, _ := v.post(appURL(w.app, "/rights"), url.Values{"rights": c.rights}); status != http.StatusSeeOther || scopes() != c.want {
				t.Errorf("%v answered %d and left %s", c.rights, status, scopes())
			}
		}
		for _, bad := range [][]string{{"host"}, {"everything"}} {
			if status, _ := v.post(appURL(w.app, "/rights"), url.Values{"rights": bad}); status != http.StatusUnprocessableEntity || scopes() != access.ScopeWrite {
				t.Errorf("%v answered %d and left %s", bad, status, scopes())
			}
		}

		if status, _ := v.post(at, nil); status != http.StatusSeeOther {
			t.Fatalf("a new secret answered %d", status)
		}
		_, body = v.get(at)
		secret := regexp.MustCompile(`[a-z2-7]{52}`).FindString(body)
		right := false
		w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			_, right, err = app.CheckSecret(t.Context(), tx, w.app, secret)
			return err
		}))
		if !right {
			t.Error("the page does not show the secret that holds")
		}
		if _, again := v.get(at); strings.Contains(again, secret) {
			t.Error("the secret is shown twice")
		}

		// Others see what it allows and change nothing.
		analyst := w.as(access.RoleAnalyst)
		if _, body := analyst.get(at); strings.Contains(body, "<form method=\"post\" action=\""+at) || strings.Contains(body, `name="rights"`) {
			t.Error("an analyst is offered changes")
		}
		for _, path := range []string{at, appURL(w.app, "/rights")} {
			if status, _ := analyst.post(path, nil); status != http.StatusForbidden {
				t.Errorf("an analyst's %s answered %d", path, status)
			}
		}
		for _, path := range []string{appURL("app_none", "/secret"), appURL("app_none", "/rights")} {
			if status, _ := v.post(path, nil); status != http.StatusNotFound {
				t.Errorf("%s answered %d", path, status)
			}
		}
	})
}
