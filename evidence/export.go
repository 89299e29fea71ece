package evidence

import (
	"archive/zip"
	"context"
	"errors"
	"io"

	"clew/access"
	"clew/db"
	"clew/ledger"
)

// Names inside an exported file.
const (
	ManifestFile = "manifest.json"
	ProofFile    = "ledger.tlog-proof"
	PartsFolder  = "parts/"
)

// Export writes a bundle as a zip: the manifest, whose SHA-256 is the id, the parts, and
// the ledger's proof that it was kept, when its entry is in the tree already. That it
// was given out is recorded. A broken bundle is not given out: [*Broken].
//
// Nothing in the file depends on when it is written but the proof, which grows with
// the tree: entries are stored, not compressed, and carry no time.
func (r *Room) Export(ctx context.Context, caller access.Caller, id string, w io.Writer) error {
	var k Kept
	var proof string
	err := r.Access.Do(ctx, caller, access.CaseRead, access.Subject{Kind: "evidence", ID: id}, "", func(tx *db.Tx) (err error) {
		if k, err = Read(ctx, tx, caller.Operator, id); err != nil {
			return err
		}
		if !k.Sound() {
			return &Broken{k.Faults}
		}
		entry, err := entryOf(ctx, tx, k.Manifest.Operator, id)
		if err != nil {
			return err
		}
		proof, err = ledger.Prove(ctx, tx, k.Manifest.Operator, entry)
		if errors.Is(err, ledger.ErrWaiting) {
			err = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	z := zip.NewWriter(w)
	add := func(name string, content []byte) error {
		f, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err == nil {
			_, err = f.Write(content)
		}
		return err
	}
	err = add(ManifestFile, []byte(k.text))
	for _, p := range k.Parts {
		err = errors.Join(err, add(PartsFolder+p.Name, p.Bytes))
	}
	if proof != "" {
		err = errors.Join(err, add(ProofFile, []byte(proof)))
	}
	return errors.Join(err, z.Close())
}
