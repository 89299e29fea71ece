package public

import (
	"errors"
	"io"
	"net/http"

	"clew/db"
	"clew/ledger"
)

// checkpoint, ledgerKeys and tile are the log as c2sp.org/tlog-tiles serves it, for
// monitors and witnesses. It holds commitments, nothing about anybody.
func (p *Pages) checkpoint(w http.ResponseWriter, r *http.Request) error {
	var text string
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		_, text, err = ledger.Latest(r.Context(), tx)
		return err
	}); err != nil {
		return err
	}
	if text == "" {
		return errLost // nothing was signed yet
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "max-age=1")
	_, err := io.WriteString(w, text)
	return err
}

// ledgerKeys is one verifier key a line, the newest last.
func (p *Pages) ledgerKeys(w http.ResponseWriter, r *http.Request) error {
	var keys []ledger.Key
	if err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		keys, err = ledger.Keys(r.Context(), tx)
		return err
	}); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for _, k := range keys {
		if _, err := io.WriteString(w, k.Verifier+"\n"); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pages) tile(w http.ResponseWriter, r *http.Request) error {
	var body []byte
	err := p.DB.Read(r.Context(), func(tx *db.Tx) (err error) {
		body, err = ledger.Tile(r.Context(), tx, "tile/"+r.PathValue("path"))
		return err
	})
	if errors.Is(err, ledger.ErrTile) {
		return errLost
	} else if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = w.Write(body)
	return err
}
