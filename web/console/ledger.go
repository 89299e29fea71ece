package console

import (
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"clew/db"
	"clew/ledger"
)

type ledgerView struct {
	Size       int64
	Checkpoint string
	Signatures int
	Keys       []ledger.Key
	Prefix     string
}

// ledgerState shows auditors where the log stands and how to verify it themselves.
func (c *Console) ledgerState(v *visit) error {
	view := ledgerView{Prefix: c.BaseURL + "/ledger"}
	if err := v.read(func(tx *db.Tx) (err error) {
		if view.Size, view.Checkpoint, err = ledger.Latest(v.r.Context(), tx); err != nil {
			return err
		}
		view.Keys, err = ledger.Keys(v.r.Context(), tx)
		return err
	}); err != nil {
		return err
	}
	// A signature is a line after the empty one (c2sp.org/signed-note).
	if _, lines, signed := strings.Cut(view.Checkpoint, "\n\n"); signed {
		view.Signatures = strings.Count(lines, "\n")
	}
	return v.show(v.T("ledger.title"), func(p *page) templ.Component { return ledgerPage(p, view) })
}

func hexed(b []byte) string { return hex.EncodeToString(b) }

func proofNames(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
