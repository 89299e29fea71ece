package main

import (
	"context"
	"errors"
	"fmt"

	"clew/access"
)

// runHost makes and ends keys of the host app: the super-app that embeds this
// platform and issues codes for the people signed in to it.
func runHost(ctx context.Context, w world, args []string) (err error) {
	what, args, err := verb(w, args, "add", "revoke")
	if err != nil {
		return err
	}
	f := flags(w, "host "+what)
	path := configFlag(f, w)
	if err := parse(f, args, 1); err != nil {
		return err
	}
	h, err := openProduction(ctx, w, *path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	by := access.System("", "command line")
	if what == "revoke" {
		return h.access.RevokeKey(ctx, by, f.Arg(0))
	}
	k, text, err := h.access.CreateKey(ctx, by, access.NewKey{Name: f.Arg(0), Scopes: access.ScopeHost})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.stdout, "key %s (shown this once), id %s\n", text, k.ID)
	return err
}
