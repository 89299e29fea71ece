package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/norm"
	"clew/seal"
)

// verb splits "add …" into its first word and the rest.
func verb(w world, args []string, known ...string) (string, []string, error) {
	if len(args) > 0 {
		for _, k := range known {
			if args[0] == k {
				return k, args[1:], nil
			}
		}
	}
	usage(w.stderr)
	return "", nil, errUsage
}

func configFlag(f *flag.FlagSet, w world) *string {
	return f.String("config", w.getenv("CLEW_CONFIG"), "configuration file (TOML)")
}

func runKeys(ctx context.Context, w world, args []string) error {
	what, args, err := verb(w, args, "new", "rotate")
	if err != nil {
		return err
	}
	f := flags(w, "keys "+what)
	if what == "new" {
		if err := parse(f, args, 1); err != nil {
			return err
		}
		if err := seal.NewRing(time.Now(), false).Create(f.Arg(0)); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w.stdout, "%s holds the keys now. Back it up apart from the data: without it every lead is lost, with it every lead can be read.\n", f.Arg(0))
		return err
	}
	path := configFlag(f, w)
	if err := parse(f, args, 0); err != nil {
		return err
	}
	return rotate(ctx, w, *path)
}

// rotate begins an epoch, moves every data key into it and destroys the old
// epochs. The server must be stopped.
func rotate(ctx context.Context, w world, path string) (err error) {
	cfg, ring, err := productionConfig(w, path)
	if err != nil {
		return err
	}
	h, err := openHouse(ctx, cfg, ring, nil, newLog(w.stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	// A server holds the keys it began with: it would go on wrapping new leads in
	// an epoch that is about to be destroyed.
	if err := h.alone(ctx); err != nil {
		return err
	}
	next, err := ring.BeginEpoch(cfg.KeyFile, time.Now())
	if err != nil {
		return err
	}
	h.leads.Ring = next
	moved := 0
	for {
		n, err := h.leads.Rewrap(ctx)
		if err != nil {
			return fmt.Errorf("moved %d data keys, then: %w; run it again, nothing is lost", moved, err)
		}
		if n == 0 {
			break
		}
		moved += n
	}
	if err := h.db.Checkpoint(ctx); err != nil {
		return err
	}
	// One that was starting meanwhile had read the old keys, and is seen now; one
	// that starts later reads the new.
	if err := h.alone(ctx); err != nil {
		return fmt.Errorf("moved %d data keys, older epochs are kept: %w", moved, err)
	}
	if _, err := next.EndEpochs(cfg.KeyFile); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "epoch %d began, %d data keys moved, older epochs destroyed. Copies of the old key file bring erased leads back: destroy them too.\n", next.Epoch(), moved)
	return err
}

// alone refuses beside a server at work.
func (h *house) alone(ctx context.Context) error {
	n, err := h.db.Others(ctx, beatMissed)
	if err == nil && n > 0 {
		err = fmt.Errorf("servers at work on this database: %d; stop them and wait %s, then run this again", n, beatMissed)
	}
	return err
}

func runMigrate(ctx context.Context, w world, args []string) error {
	f := flags(w, "migrate")
	path := configFlag(f, w)
	if err := parse(f, args, 0); err != nil {
		return err
	}
	h, err := openProduction(ctx, w, *path)
	if err != nil {
		return err
	}
	have, want, err := h.db.Schema(ctx)
	if err == nil {
		_, err = fmt.Fprintf(w.stdout, "migrations applied: %d of %d\n", have, want)
	}
	return errors.Join(err, h.close())
}

// firstLink is how long the one-time link printed by a command works.
const firstLink = 24 * time.Hour

func (h *house) loginURL(token string) string { return h.cfg.BaseURL + "/console/link/" + token }

func runAdmin(ctx context.Context, w world, args []string) (err error) {
	_, args, err = verb(w, args, "add")
	if err != nil {
		return err
	}
	f := flags(w, "admin add")
	path := configFlag(f, w)
	if err := parse(f, args, 1); err != nil {
		return err
	}
	h, err := openProduction(ctx, w, *path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	token, err := h.invite(ctx, "", f.Arg(0), access.RoleAdmin)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w.stdout, h.loginURL(token))
	return err
}

func (h *house) invite(ctx context.Context, operator, login string, role access.Role) (token string, err error) {
	_, token, err = h.access.Invite(ctx, access.System(operator, "command line"), access.NewStaff{Login: login, Name: login, Role: role})
	return token, err
}

func runOperator(ctx context.Context, w world, args []string) (err error) {
	_, args, err = verb(w, args, "add")
	if err != nil {
		return err
	}
	f := flags(w, "operator add")
	path := configFlag(f, w)
	category := f.String("category", "", `category that is online, as "一级 > 二级 > 三级"`)
	owner := f.String("owner", "owner", "login name of the owner")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	h, err := openProduction(ctx, w, *path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	made, secret, err := h.addOperator(ctx, f.Arg(0), *category, nil)
	if err != nil {
		return err
	}
	token, err := h.invite(ctx, made.Operator, *owner, access.RoleOwner)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "app %s, secret %s (shown this once)\n%s\n", made.ID, secret, h.loginURL(token))
	return err
}

// addOperator adds an operator with one app whose category is online and whose
// capability is granted, all or nothing.
func (h *house) addOperator(ctx context.Context, name, category string, origins []string) (made app.App, secret string, err error) {
	if _, ok := norm.At(h.db.Now()).Category(category); !ok {
		return made, "", fmt.Errorf("category %q is not in the norm's table; write it as \"一级 > 二级 > 三级\"", category)
	}
	err = h.db.Write(ctx, func(tx *db.Tx) error {
		operator, err := h.apps.CreateOperator(ctx, tx, name)
		if err != nil {
			return err
		}
		if made, secret, err = h.apps.Create(ctx, tx, operator.ID, name, origins); err != nil {
			return err
		}
		for _, state := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
			if err := h.apps.MoveCategory(ctx, tx, operator.ID, made.ID, category, state); err != nil {
				return err
			}
		}
		by := access.System("", "command line")
		for _, state := range []capability.State{capability.Applied, capability.Granted} {
			if err := h.capability.Move(ctx, tx, by, operator.ID, made.ID, state, "", ""); err != nil {
				return err
			}
		}
		return nil
	})
	return made, secret, err
}
