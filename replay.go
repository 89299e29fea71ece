package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"clew/casework"
	"clew/db"
	"clew/policy"
)

// runPolicy is for who writes an edition: it asks no server.
func runPolicy(_ context.Context, w world, args []string) error {
	what, args, err := verb(w, args, "lint", "show", "coverage")
	if err != nil {
		return err
	}
	f := flags(w, "policy "+what)
	words := 1
	if what == "show" {
		words = 0
	}
	if err := parse(f, args, words); err != nil {
		return err
	}
	if what == "show" {
		_, err := io.WriteString(w.stdout, policy.First().Text())
		return err
	}
	e, err := readEdition(w, f.Arg(0))
	if err != nil {
		return err
	}
	if what == "lint" {
		_, err := fmt.Fprintf(w.stdout, "%s: edition %s, %d rows, %d tests, nothing to find fault with\n%s\n", f.Arg(0), e.Name, len(e.Matrix), len(e.Tests), e.Hash())
		return err
	}
	return printCoverage(w.stdout, e)
}

// readEdition names every defect with its line, as compilers do.
func readEdition(w world, path string) (*policy.Edition, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	e, err := policy.Parse(string(text))
	var faulty *policy.Faulty
	if !errors.As(err, &faulty) {
		return e, err
	}
	for _, d := range faulty.Defects {
		if d.Line > 0 {
			_, err = fmt.Fprintf(w.stdout, "%s:%d: %s\n", path, d.Line, d.Why)
		} else {
			_, err = fmt.Fprintf(w.stdout, "%s: %s\n", path, d.Why)
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, errFound
}

func printCoverage(out io.Writer, e *policy.Edition) error {
	rows, all, err := e.Coverage()
	if err != nil {
		return err
	}
	hits := map[string]int{}
	for _, t := range e.Tests {
		hits[t.Row]++
	}
	if _, err := fmt.Fprintf(out, "%d combinations of facts\n%-16s %12s %7s %6s\n", all, "row", "combinations", "share", "tests"); err != nil {
		return err
	}
	for _, r := range e.Matrix {
		if _, err := fmt.Fprintf(out, "%-16s %12d %6.2f%% %6d\n", r.ID, rows[r.ID], 100*float64(rows[r.ID])/float64(all), hits[r.ID]); err != nil {
			return err
		}
	}
	return nil
}

// runReplay computes every case and every decision anew.
func runReplay(ctx context.Context, w world, args []string) error {
	f := flags(w, "replay")
	path := configFlag(f, w)
	if err := parse(f, args, 0); err != nil {
		return err
	}
	h, err := openProduction(ctx, w, *path)
	if err != nil {
		return err
	}
	began := time.Now()
	v, err := replayCases(ctx, h.db, w.stdout)
	if err = errors.Join(err, h.close()); err != nil {
		return err
	}
	state := "equal to the byte"
	if v.faults > 0 {
		state = "NOT equal"
	}
	if _, err := fmt.Fprintf(w.stdout, "%s: %d cases from their events, %d decisions from their editions and facts, %d faults, in %.1f s\n",
		state, v.cases, v.decisions, v.faults, time.Since(began).Seconds()); err != nil {
		return err
	}
	if v.faults > 0 {
		return errFound
	}
	return nil
}

type replayed struct{ cases, decisions, faults int }

// replayPage is how many cases one transaction reads: a case that is changed
// meanwhile is seen before or after, never half.
const replayPage = 200

// replayCases names what is not as it was on out.
func replayCases(ctx context.Context, d *db.DB, out io.Writer) (v replayed, err error) {
	say := func(id, why string) error {
		v.faults++
		_, err := fmt.Fprintf(out, "case %s: %s\n", id, why)
		return err
	}
	for after := ""; ; {
		var page []casework.Shown
		err := d.Read(ctx, func(tx *db.Tx) (err error) {
			if page, err = casework.Walk(ctx, tx, after, replayPage); err != nil {
				return err
			}
			for _, c := range page {
				n, faults, err := c.Audit(ctx, tx)
				if err != nil {
					return fmt.Errorf("case %s: %w", c.ID, err)
				}
				v.cases, v.decisions = v.cases+1, v.decisions+n
				for _, why := range faults {
					if err := say(c.ID, why); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return v, err
		}
		if len(page) < replayPage {
			break
		}
		after = page[len(page)-1].ID
	}
	var lost []string
	if err := d.Read(ctx, func(tx *db.Tx) (err error) {
		lost, err = casework.Orphans(ctx, tx, 100)
		return err
	}); err != nil {
		return v, err
	}
	for _, id := range lost {
		if err := say(id, "it has events and is not shown"); err != nil {
			return v, err
		}
	}
	return v, nil
}
