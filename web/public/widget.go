package public

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"time"
)

// widgetTypes are the files of the element that are served; nothing else is.
var widgetTypes = map[string]string{
	"clew.js":   "text/javascript; charset=utf-8",
	"clew.d.ts": "text/plain; charset=utf-8",
}

// widget serves the element. Its address has the major version in it and stays;
// browsers ask again after an hour and are told when nothing changed.
func (p *Pages) widget(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	kind, known := widgetTypes[name]
	if !known {
		return errLost
	}
	body, err := fs.ReadFile(p.Widget, name)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "public, max-age=3600")
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	// Any page may carry it, pages that isolate themselves too.
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	return nil
}
