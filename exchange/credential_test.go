package exchange_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/exchange"
	"clew/exchange/exchangetest"
)

func TestKeysRotateWithoutAGap(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		number := exchangetest.Number(1)
		second := exchangetest.NewKey(h.t, 2)
		// The new key is entered first and uploaded later: both orders work meanwhile.
		c, err := h.room.Put(h.t.Context(), h.owner, exchange.NewCredential{
			App: h.app, Platform: exchange.Douyin, PrivateKey: exchangetest.PrivateKeyText(second), Overlap: time.Hour,
		})
		h.must(err)
		if c.Version != 2 || c.AppID != h.there.ID || !slices.Equal(c.Holds, []string{exchange.HasSecret, exchange.HasPrivateKey}) {
			h.t.Errorf("the new version: %+v", c)
		}
		h.gives(h.there.Grant(exchange.Douyin, number), number)
		h.there.Key = second
		h.gives(h.there.Grant(exchange.Douyin, number), number)
		h.there.Key = exchangetest.NewKey(h.t, 0)
		h.clock.Advance(time.Hour)
		h.fails(h.there.Grant(exchange.Douyin, number), exchange.Refused)
		h.there.Key = second
		h.gives(h.there.Grant(exchange.Douyin, number), number)
		// The secret: a new one that the platform does not know yet leaves the old at work.
		before := h.there.Secret
		_, err = h.room.Put(h.t.Context(), h.owner, exchange.NewCredential{App: h.app, Platform: exchange.Douyin, Secret: before + "2"})
		h.must(err)
		h.gives(h.there.Grant(exchange.Douyin, number), number)
		h.there.Secret = before + "2"
		h.platforms.EndTokens()
		h.gives(h.there.Grant(exchange.Douyin, number), number)
		// One that leaked ends at once, and its secrets with it.
		_, err = h.room.Put(h.t.Context(), h.owner, exchange.NewCredential{App: h.app, Platform: exchange.Douyin, Secret: h.there.Secret, Overlap: -1})
		h.must(err)
		_, err = h.room.Sweep(h.t.Context())
		h.must(err)
		if n := h.count("select count(*) from exchange_credential where sealed is not null"); n != 1 {
			h.t.Errorf("%d versions keep their secrets", n)
		}
		list, err := h.room.List(h.t.Context(), h.owner)
		h.must(err)
		if len(list) != 4 || list[0].Version != 4 || list[0].InForce(h.clock.Now()) != true || list[1].InForce(h.clock.Now()) {
			h.t.Errorf("the list: %+v", list)
		}
		h.must(h.room.End(h.t.Context(), h.owner, h.app, exchange.Douyin, 4))
		if code := h.fails(h.there.Grant(exchange.Douyin, number), exchange.Refused); code != "no_credential" {
			h.t.Errorf("after the end: %s", code)
		}
		if err := h.room.End(h.t.Context(), h.owner, h.app, exchange.Douyin, 9); !errors.Is(err, exchange.ErrUnknown) {
			h.t.Errorf("a version that is not there: %v", err)
		}
	})
}

func TestAnAlipayKeyRotates(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Alipay)
		old := *h.there
		h.there.AES = bytes.Repeat([]byte{9}, 16)
		n := h.there.Credential(h.app, exchange.Alipay)
		n.PublicKey = ""
		_, err := h.room.Put(h.t.Context(), h.owner, n)
		h.must(err)
		h.gives(h.there.Grant(exchange.Alipay, exchangetest.Number(1)), exchangetest.Number(1))
		h.gives(old.Grant(exchange.Alipay, exchangetest.Number(2)), exchangetest.Number(2))
		h.clock.Advance(24 * time.Hour)
		h.fails(old.Grant(exchange.Alipay, exchangetest.Number(2)), exchange.Refused)
	})
}

func TestPrivateKeysAsPeopleHaveThem(t *testing.T) {
	each(t, func(h *house) {
		key := h.there.Key
		pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
		h.must(err)
		pkcs1 := x509.MarshalPKCS1PrivateKey(key)
		text := func(kind string, raw []byte) string {
			return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}))
		}
		bare := func(raw []byte) string { return base64.StdEncoding.EncodeToString(raw) }
		for name, form := range map[string]string{
			"PEM PKCS#8": text("PRIVATE KEY", pkcs8), "PEM PKCS#1": text("RSA PRIVATE KEY", pkcs1), "bare PKCS#8": bare(pkcs8), "bare PKCS#1": bare(pkcs1),
			"lines":       " \n" + bare(pkcs8)[:64] + "\r\n" + bare(pkcs8)[64:] + "\n ",
			"no padding":  strings.TrimRight(bare(pkcs1), "="),
			"written \\n": strings.ReplaceAll(text("PRIVATE KEY", pkcs8), "\n", `\n`),
		} {
			n := h.there.Credential(h.app, exchange.Douyin)
			n.PrivateKey, n.Overlap = form, -1
			c, err := h.room.Put(h.t.Context(), h.owner, n)
			if err != nil || c.Bits != 2048 || len(c.Fingerprint) != 16 {
				h.t.Errorf("%s: %+v %v", name, c, err)
			}
			h.gives(h.there.Grant(exchange.Douyin, exchangetest.Number(1)), exchangetest.Number(1))
		}
		spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		h.must(err)
		short, err := rsa.GenerateKey(rand{}, 1024)
		h.must(err)
		for form, want := range map[string]string{
			text("PUBLIC KEY", spki): "other", bare(spki): "other", "AAAA": "malformed", "-----BEGIN": "malformed", "键": "malformed",
			text("ENCRYPTED PRIVATE KEY", pkcs8):          "encrypted",
			bare(x509.MarshalPKCS1PrivateKey(short)):      "bits",
			strings.Repeat("A", 20<<10):                   "malformed",
			text("EC PRIVATE KEY", []byte{1}):             "malformed",
			bare(pkcs8)[:len(bare(pkcs8))/2]:              "malformed",
			"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END": "malformed",
		} {
			n := h.there.Credential(h.app, exchange.Douyin)
			n.PrivateKey = form
			_, err := h.room.Put(h.t.Context(), h.owner, n)
			var bad *exchange.BadCredential
			if !errors.As(err, &bad) || len(bad.Problems) != 1 || bad.Problems[0] != (exchange.Problem{Field: "private_key", Code: want}) {
				h.t.Errorf("%.30q: %v, want %s", form, err, want)
			}
		}
	})
}

// rand is no randomness to rely on; a key of a test is made with it.
type rand struct{}

func (rand) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(time.Now().UnixNano() >> (i % 8))
	}
	return len(b), nil
}

func TestCredentialsAreCheckedSealedAndTheOperatorsOwn(t *testing.T) {
	each(t, func(h *house) {
		ctx := h.t.Context()
		for name, c := range map[string]struct {
			change func(*exchange.NewCredential)
			want   []exchange.Problem
		}{
			"platform":    {func(n *exchange.NewCredential) { n.Platform = "x" }, []exchange.Problem{{"platform", "unknown"}}},
			"nothing":     {func(n *exchange.NewCredential) { *n = exchange.NewCredential{App: h.app, Platform: exchange.WeChat} }, []exchange.Problem{{"app_id", "required"}, {"secret", "required"}}},
			"shapes":      {func(n *exchange.NewCredential) { n.AppID, n.Secret = "a b", "with space" }, []exchange.Problem{{"app_id", "shape"}, {"secret", "shape"}}},
			"aes":         {func(n *exchange.NewCredential) { *n = h.there.Credential(h.app, exchange.Alipay); n.AESKey = "AAAA" }, []exchange.Problem{{"aes_key", "shape"}}},
			"not its own": {func(n *exchange.NewCredential) { n.Platform = exchange.WeChat }, []exchange.Problem{{"private_key", "unused"}}},
		} {
			n := h.there.Credential(h.app, exchange.Douyin)
			c.change(&n)
			_, err := h.room.Put(ctx, h.owner, n)
			var bad *exchange.BadCredential
			if !errors.As(err, &bad) || !slices.Equal(bad.Problems, c.want) {
				h.t.Errorf("%s: %v", name, err)
			}
			if err != nil && strings.Contains(err.Error(), h.there.Secret) {
				h.t.Errorf("%s: the error holds the secret", name)
			}
		}
		if n := h.count("select count(*) from exchange_credential"); n != 0 {
			h.t.Fatalf("%d rows of refused credentials", n)
		}
		h.put(exchange.Douyin)
		other, otherApp := h.operator()
		if _, err := h.room.Put(ctx, other, h.there.Credential(h.app, exchange.Douyin)); !errors.Is(err, app.ErrUnknown) {
			h.t.Errorf("for another operator's app: %v", err)
		}
		if err := h.room.End(ctx, other, h.app, exchange.Douyin, 1); !errors.Is(err, exchange.ErrUnknown) {
			h.t.Errorf("another operator's: %v", err)
		}
		if list, err := h.room.List(ctx, other); err != nil || len(list) != 0 {
			h.t.Errorf("another operator's list: %v %v", list, err)
		}
		if _, err := h.room.Phone(ctx, other.Operator, otherApp, "", h.there.Grant(exchange.Douyin, exchangetest.Number(1))); err == nil {
			h.t.Error("another operator's app was given a number")
		}
		for _, role := range []access.Role{access.RoleAgent, access.RoleAnalyst} {
			caller := h.owner
			caller.Role = role
			var denied *access.Denied
			if _, err := h.room.Put(ctx, caller, h.there.Credential(h.app, exchange.Douyin)); !errors.As(err, &denied) {
				h.t.Errorf("%s puts: %v", role, err)
			}
			if _, err := h.room.List(ctx, caller); !errors.As(err, &denied) {
				h.t.Errorf("%s lists: %v", role, err)
			}
		}
		for range 3 {
			n := h.there.Credential(h.app, exchange.Douyin)
			_, err := h.room.Put(ctx, h.owner, n)
			h.must(err)
		}
		if _, err := h.room.Put(ctx, h.owner, h.there.Credential(h.app, exchange.Douyin)); !errors.Is(err, exchange.ErrTooMany) {
			h.t.Errorf("a fifth version: %v", err)
		}
		// What stands in the store opens nothing and shows nothing.
		h.must(h.db.Read(ctx, func(tx *db.Tx) error {
			rows, err := db.Collect(ctx, tx, func(s db.Scanner) (b []byte, err error) { return b, s.Scan(&b) }, "select sealed from exchange_credential")
			for _, b := range rows {
				if bytes.Contains(b, []byte(h.there.Secret)) || bytes.Contains(b, []byte("private_key")) {
					h.t.Error("a secret stands in the clear")
				}
			}
			return err
		}))
		list, err := h.room.List(ctx, h.owner)
		h.must(err)
		if text := fmt.Sprintf("%+v", list); strings.Contains(text, h.there.Secret) {
			h.t.Error("the list shows the secret")
		}
		h.clock.Advance(24 * time.Hour)
		_, err = h.room.Sweep(ctx)
		h.must(err)
		if n := h.count("select count(*) from exchange_credential where sealed is not null"); n != 1 {
			h.t.Errorf("%d versions keep their secrets after their end", n)
		}
	})
}

func TestDouyinTellsItsComponents(t *testing.T) {
	each(t, func(h *house) {
		_, err := h.room.Listed(h.t.Context(), h.owner.Operator, h.app)
		var f *exchange.Failed
		if !errors.As(err, &f) || f.Code != "no_credential" {
			h.t.Errorf("without a credential: %v", err)
		}
		h.put(exchange.Douyin)
		for i := range 45 {
			h.there.Components = append(h.there.Components, map[string]any{"config_id": fmt.Sprintf("%032x", i), "config_name": "名", "state": "1"})
		}
		l, err := h.room.Listed(h.t.Context(), h.owner.Operator, h.app)
		if err != nil || !l.Eligible || !l.Whole || len(l.Components) != 45 || l.Components[44].ConfigID != fmt.Sprintf("%032x", 44) {
			h.t.Errorf("%d components, whole %v, %v", len(l.Components), l.Whole, err)
		}
		for i := range 100 {
			h.there.Components = append(h.there.Components, map[string]any{"config_id": fmt.Sprintf("%032x", 100+i), "config_name": "名", "state": "2"})
		}
		if l, err = h.room.Listed(h.t.Context(), h.owner.Operator, h.app); err != nil || l.Whole || len(l.Components) != 100 {
			h.t.Errorf("%d of many, whole %v, %v", len(l.Components), l.Whole, err)
		}
	})
}
