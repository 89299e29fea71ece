package public

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"time"
)

// widgetTypes are the files of the element that are served; nothing else is.
var widgetTypes = map[string]string{
	"clew.js":   "text/javascript; charset=utf-8",
	"clew.d.ts": "text/plain; charset=utf-8",
}

// widget serves the element, every major version there ever was. An address stays
// what it is; browsers ask again after an hour and are told when nothing changed.
func (p *Pages) widget(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	kind, known := widgetTypes[name]
	path := r.PathValue("version") + "/" + name
	if !known || !fs.ValidPath(path) {
		return errLost
	}
	body, err := fs.ReadFile(p.Widget, path)
	if errors.Is(err, fs.ErrNotExist) {
		return errLost
	} else if err != nil {
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
