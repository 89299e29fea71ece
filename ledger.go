package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"clew/db"
	"clew/ledger"
)

// runLedger is the log's own command: its keeper's (verify, prove, rotate) and, with
// nothing but an address and a key, everybody's (monitor, open).
func runLedger(ctx context.Context, w world, args []string) error {
	what, args, err := verb(w, args, "verify", "prove", "open", "monitor", "rotate")
	if err != nil {
		return err
	}
	f := flags(w, "ledger "+what)
	switch what {
	case "monitor":
		keys := f.String("key", "", "verifier keys of the log, separated by commas")
		state := f.String("state", "", "file that remembers what was seen; made when it is missing")
		every := f.Duration("every", 0, "ask again and again, this far apart; 0 asks once")
		if err := parse(f, args, 1); err != nil {
			return err
		}
		return monitorLedger(ctx, w, f.Arg(0), *keys, *state, *every)
	case "open":
		keys := f.String("key", "", "verifier keys of the log, separated by commas")
		if err := parse(f, args, 1); err != nil {
			return err
		}
		return openProof(w, f.Arg(0), *keys)
	}
	path := configFlag(f, w)
	words := 0
	if what == "prove" {
		words = 1
	}
	if err := parse(f, args, words); err != nil {
		return err
	}
	h, err := openProduction(ctx, w, *path)
	if err != nil {
		return err
	}
	switch what {
	case "verify":
		err = h.verifyLedger(ctx, w)
	case "prove":
		err = h.proveEntry(ctx, w, f.Arg(0))
	case "rotate":
		var k ledger.Key
		if k, err = h.ledger.Rotate(ctx); err == nil {
			_, err = fmt.Fprintf(w.stdout, "%s\nkey %d signs from now on; the one before signs along for %.0f days. Give the new line to whoever monitors the log.\n",
				k.Verifier, k.Number, ledger.Overlap.Hours()/24)
		}
	}
	return errors.Join(err, h.close())
}

func (h *house) verifyLedger(ctx context.Context, w world) error {
	v, err := h.ledger.Verify(ctx, nil)
	if err != nil {
		return err
	}
	for _, fault := range v.Faults {
		if _, err := fmt.Fprintln(w.stdout, fault); err != nil {
			return err
		}
	}
	state := "sound"
	if len(v.Faults) > 0 {
		state = "NOT sound"
	}
	if _, err := fmt.Fprintf(w.stdout, "%s: %d entries, %d of them erased, %d waiting for the next checkpoint, %d checkpoints\n",
		state, v.Size, v.Erased, v.Waiting, v.Checkpoints); err != nil {
		return err
	}
	if len(v.Faults) > 0 {
		return errFound
	}
	return nil
}

// proveEntry takes a place in the tree, or an operator and an entry as "op_…/led_…".
func (h *house) proveEntry(ctx context.Context, w world, which string) error {
	var text string
	err := h.db.Read(ctx, func(tx *db.Tx) (err error) {
		if index, bad := strconv.ParseInt(which, 10, 64); bad == nil {
			text, err = ledger.ProveIndex(ctx, tx, index)
			return err
		}
		operator, id, ok := strings.Cut(which, "/")
		if !ok {
			operator, id = "", which
		}
		text, err = ledger.Prove(ctx, tx, operator, id)
		return err
	})
	if err == nil {
		_, err = io.WriteString(w.stdout, text)
	}
	return err
}

func openProof(w world, file, keys string) error {
	known, err := ledger.Verifiers(keyList(keys)...)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	p, err := ledger.CheckProof(string(text), known)
	if err != nil {
		_, _ = fmt.Fprintln(w.stdout, err)
		return errFound
	}
	if p.Record == nil {
		_, err = fmt.Fprintf(w.stdout, "entry %d of %s stands in the tree of %d; what it said was erased\n", p.Index, p.Checkpoint.Origin, p.Checkpoint.Size)
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "entry %d of %s, in the tree of %d: %s, %s, %s %s\n", p.Index, p.Checkpoint.Origin, p.Checkpoint.Size,
		time.UnixMilli(p.Record.At).UTC().Format(time.RFC3339), p.Record.Kind, p.Record.Subject, p.Record.Detail)
	return err
}

// keyList splits at commas; a verifier key holds none. No key at all is refused by
// what needs one.
func keyList(text string) (list []string) {
	for _, k := range strings.Split(text, ",") {
		if k = strings.TrimSpace(k); k != "" {
			list = append(list, k)
		}
	}
	return list
}

func monitorLedger(ctx context.Context, w world, address, keys, state string, every time.Duration) error {
	if u, err := url.Parse(address); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fmt.Errorf("%q is no address of a log; write it like https://leads.example.com/ledger", address)
	}
	if len(keyList(keys)) == 0 {
		return errors.New("--key is needed: a monitor that believes whatever key the log shows proves nothing")
	}
	known, err := ledger.Verifiers(keyList(keys)...)
	if err != nil {
		return err
	}
	m := &ledger.Monitor{Prefix: address, Keys: known}
	for {
		if err := follow(ctx, w, m, state); err != nil || every <= 0 {
			return err
		}
		select {
		case <-time.After(every):
		case <-ctx.Done():
			return nil
		}
	}
}

// follow asks once. What it saw is kept only after it was proved.
func follow(ctx context.Context, w world, m *ledger.Monitor, state string) error {
	before := ""
	if state != "" {
		text, err := os.ReadFile(state)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		before = string(text)
	}
	now, c, err := m.Follow(ctx, before)
	if errors.Is(err, ledger.ErrForked) {
		_, _ = fmt.Fprintln(w.stdout, err)
		return errFound
	} else if err != nil {
		return err
	}
	if state != "" {
		if err := replaceFile(state, now); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(w.stdout, "%s: %d entries, a continuation of what was seen before\n", c.Origin, c.Size)
	return err
}

// replaceFile leaves the old text or the new, never half of one.
func replaceFile(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".monitor-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
