package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"clew/access"
	"clew/db"
)

// SetOrigins replaces the web origins of an app; *[BadOrigin], [ErrOrigins].
func (r *Room) SetOrigins(ctx context.Context, caller access.Caller, id string, origins []string) error {
	clean, err := checkOrigins(origins)
	if err != nil {
		return err
	}
	text, err := json.Marshal(clean)
	if err != nil {
		return err
	}
	return r.Access.Do(ctx, caller, access.AppEdit, access.Subject{Kind: "app", ID: id}, "", func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "update app set origins=$3 where operator=$1 and id=$2", caller.Operator, id, string(text))
		if err == nil && n == 0 {
			err = ErrUnknown
		}
		return err
	})
}

// BadOrigin says which origin is not one.
type BadOrigin struct{ Origin string }

func (e *BadOrigin) Error() string {
	return fmt.Sprintf("%q is not an origin; write scheme and host like https://www.example.com, without path", e.Origin)
}

// MaxOrigins is how many origins an app may have.
const MaxOrigins = 50

// ErrOrigins says that there are more origins than an app may have.
var ErrOrigins = fmt.Errorf("an app has at most %d origins", MaxOrigins)

// hostRunes is what the host of an origin consists of as browsers send it: names in
// other scripts come as Punycode (RFC 5891), and there are no wildcards.
const hostRunes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.:[]"

// checkOrigins writes origins as browsers send them (RFC 6454, 6.2), so that
// [App.Allows] can compare texts.
func checkOrigins(origins []string) ([]string, error) {
	if len(origins) > MaxOrigins {
		return nil, ErrOrigins
	}
	clean := []string{}
	for _, o := range origins {
		u, err := url.Parse(o)
		local := err == nil && (u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1")
		if err != nil || u.Host == "" || u.User != nil || (u.Path != "" && u.Path != "/") || u.RawQuery != "" || u.Fragment != "" ||
			len(o) > 300 || u.Hostname() == "" || strings.Trim(u.Host, hostRunes) != "" ||
			(u.Scheme != "https" && (u.Scheme != "http" || !local)) {
			return nil, &BadOrigin{o}
		}
		host := strings.ToLower(u.Host)
		// Browsers leave a scheme's own port out.
		if u.Port() == map[string]string{"https": "443", "http": "80"}[u.Scheme] {
			host = strings.TrimSuffix(host, ":"+u.Port())
		}
		clean = append(clean, u.Scheme+"://"+strings.TrimSuffix(host, ":"))
	}
	slices.Sort(clean)
	return slices.Compact(clean), nil
}

// Allows reports whether a page of origin may carry the app's components.
func (a App) Allows(origin string) bool { return slices.Contains(a.Origins, origin) }
