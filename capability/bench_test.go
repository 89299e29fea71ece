package capability_test

import (
	"context"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/db/dbtest"
	"clew/outbox"
	"clew/seal"
)

// BenchmarkRequire is what each batch of submissions pays, in a transaction that
// is open already: the whole question, and beside it the two statements without
// which there would be no answer at all.
func BenchmarkRequire(b *testing.B) {
	for engine, url := range map[string]func(testing.TB) string{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(engine, func(b *testing.B) {
			ctx := b.Context()
			d, err := db.Open(ctx, db.Config{URL: url(b)})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = d.Close() })
			if err := d.Migrate(ctx); err != nil {
				b.Fatal(err)
			}
			who := &access.Room{DB: d, Ring: seal.TestRing(b)}
			apps, caps := &app.Room{DB: d, Access: who}, &capability.Room{DB: d, Access: who, Outbox: outbox.New(d, nil)}
			var operator, id string
			if err := d.Write(ctx, func(tx *db.Tx) error {
				o, err := apps.CreateOperator(ctx, tx, "测试")
				if err != nil {
					return err
				}
				a, _, err := apps.Create(ctx, tx, o.ID, "测试", nil)
				if err != nil {
					return err
				}
				operator, id = o.ID, a.ID
				for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
					if err := apps.MoveCategory(ctx, tx, operator, id, category, s); err != nil {
						return err
					}
				}
				for _, s := range []capability.State{capability.Applied, capability.Granted} {
					if err := caps.Move(ctx, tx, access.System("", "test"), operator, id, s, "", ""); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				b.Fatal(err)
			}
			for name, ask := range map[string]func(ctx context.Context, tx *db.Tx) error{
				"whole": func(ctx context.Context, tx *db.Tx) error { return capability.Require(ctx, tx, operator, id) },
				"two": func(ctx context.Context, tx *db.Tx) error {
					if _, err := capability.Get(ctx, tx, operator, id); err != nil {
						return err
					}
					_, err := app.Categories(ctx, tx, operator, id)
					return err
				},
			} {
				b.Run(name, func(b *testing.B) {
					if err := d.Write(ctx, func(tx *db.Tx) error {
						for b.Loop() {
							if err := ask(ctx, tx); err != nil {
								return err
							}
						}
						return nil
					}); err != nil {
						b.Fatal(err)
					}
				})
			}
		})
	}
}
