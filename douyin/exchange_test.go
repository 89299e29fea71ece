package douyin

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"log/slog"
	"testing"

	"clew/exchange"
	"clew/lead/leadtest"
	"clew/outbox"
)

// One Clew in front of another: the client that was written after the platform's
// documents, by other hands than this wire, gets what it expects.
func TestAClewInFrontOfAClew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w.addKey()
		config := w.place(w.Owner, w.App, w.Version.Component)
		client := &exchange.Room{
			DB: w.DB, Ring: w.Ring, Access: w.Access, Outbox: outbox.New(w.DB, slog.New(slog.DiscardHandler)), Log: slog.New(slog.DiscardHandler),
			Hosts: exchange.Hosts{DouyinOpen: w.server.URL, DouyinLegacy: w.server.URL},
		}
		if _, err := client.Put(ctx, w.Owner, exchange.NewCredential{
			App: w.App, Platform: exchange.Douyin, AppID: w.App, Secret: w.secret,
			PrivateKey: base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PrivateKey(key())),
		}); err != nil {
			t.Fatal(err)
		}
		code := w.tap(config, numberOf(5))
		n, err := client.Phone(ctx, w.Owner.Operator, w.App, "once-0001", exchange.Grant{Platform: exchange.Douyin, Code: code})
		if err != nil || n.E164() != "+86"+leadtest.Number(5) {
			t.Fatalf("the number does not come over: %v", err)
		}
		var failed *exchange.Failed
		if _, err := client.Phone(ctx, w.Owner.Operator, w.App, "once-0002", exchange.Grant{Platform: exchange.Douyin, Code: code}); !errors.As(err, &failed) {
			t.Errorf("a second time: %v", err)
		}
		list, err := client.Listed(ctx, w.Owner.Operator, w.App)
		if err != nil || !list.Eligible || len(list.Components) != 1 || list.Components[0].ConfigID != config || list.Components[0].State != "1" {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
