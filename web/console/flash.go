package console

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"
)

// flash is what a page says once about what was just done. It travels in a sealed
// cookie of one minute, so that a secret shown once (a new API key) can follow a
// redirect without being readable in the browser's cookie store. Personal data
// must not go in.
type flash struct {
	Tone   string   `json:"t"` // good, bad, warn, or "" for plain
	Key    string   `json:"k"`
	Args   []string `json:"a,omitempty"`
	Secret string   `json:"s,omitempty"`
}

const (
	flashCookie  = "clew_flash"
	flashPurpose = "console flash"
	flashLife    = time.Minute
)

func (f *flash) args() []any {
	out := make([]any, len(f.Args))
	for i, a := range f.Args {
		out[i] = a
	}
	return out
}

func (f *flash) role() string {
	if f.Tone == "bad" {
		return "alert"
	}
	return "status"
}

func (v *visit) flash(f flash) {
	text, err := json.Marshal(f)
	if err != nil {
		return
	}
	sealed := v.c.Ring.SealSecret(flashPurpose, v.Caller.ID, text)
	v.cookie(flashCookie, base64.RawURLEncoding.EncodeToString(sealed), flashLife, http.SameSiteStrictMode)
}

// takeFlash reads the flash and forgets it. One that was meant for somebody else
// does not open.
func (v *visit) takeFlash() {
	k, err := v.r.Cookie(flashCookie)
	if err != nil {
		return
	}
	v.cookie(flashCookie, "", -1, http.SameSiteStrictMode)
	sealed, err := base64.RawURLEncoding.DecodeString(k.Value)
	if err != nil {
		return
	}
	text, err := v.c.Ring.OpenSecret(flashPurpose, v.Caller.ID, sealed)
	if err != nil {
		return
	}
	var f flash
	if json.Unmarshal(text, &f) == nil && f.Key != "" {
		v.Flash = &f
	}
}
