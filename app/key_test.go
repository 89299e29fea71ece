package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
)

// keys are made once: RSA keys are slow to make.
var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	out := make([]*rsa.PrivateKey, 3)
	for i := range out {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		out[i] = k
	}
	return out
})

func spki(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func armour(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func bare(der []byte) string { return base64.StdEncoding.EncodeToString(der) }

func TestKeysInEveryFormThatPeoplePaste(t *testing.T) {
	public := &keys()[0].PublicKey
	pkix, pkcs1 := spki(t, public), x509.MarshalPKCS1PublicKey(public)
	lines := bare(pkix)
	for name, text := range map[string]string{
		"PEM, SPKI":               armour("PUBLIC KEY", pkix),
		"PEM, PKCS#1":             armour("RSA PUBLIC KEY", pkcs1),
		"PEM, wrong name":         armour("PUBLIC KEY", pkcs1),
		"bare, SPKI":              bare(pkix),
		"bare, PKCS#1":            bare(pkcs1),
		"bare, no padding":        strings.TrimRight(bare(pkix), "="),
		"bare, in lines":          lines[:64] + "\r\n" + lines[64:200] + "\n\t" + lines[200:],
		"PEM, CRLF, blanks, mark": "\ufeff \r\n" + strings.ReplaceAll(armour("PUBLIC KEY", pkix), "\n", "\r\n") + "  ",
		"PEM with text before":    "my key:\n" + armour("PUBLIC KEY", pkix),
	} {
		if got, err := app.ParseKey(text); err != nil || !got.Equal(public) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestKeysThatAreRefused(t *testing.T) {
	private := keys()[0]
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ecPrivate, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}},
		&x509.Certificate{}, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	modulus := func(bits uint, last int64) *big.Int {
		n := new(big.Int).Lsh(big.NewInt(1), bits-1)
		return n.Add(n, big.NewInt(last))
	}
	public := func(n *big.Int, e int) string { return bare(x509.MarshalPKCS1PublicKey(&rsa.PublicKey{N: n, E: e})) }
	good := armour("PUBLIC KEY", spki(t, &private.PublicKey))
	for name, c := range map[string]struct{ text, code string }{
		"nothing":              {"", "empty"},
		"blanks":               {" \n\t\ufeff", "malformed"},
		"words":                {"my public key", "malformed"},
		"PEM private, PKCS#8":  {armour("PRIVATE KEY", pkcs8), "private"},
		"PEM private, PKCS#1":  {armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(private)), "private"},
		"bare private, PKCS#8": {bare(pkcs8), "private"},
		"bare private, PKCS#1": {bare(x509.MarshalPKCS1PrivateKey(private)), "private"},
		"bare private, EC":     {bare(ecPrivate), "private"},
		"private as public":    {armour("PUBLIC KEY", pkcs8), "private"},
		"both":                 {good + armour("PRIVATE KEY", pkcs8), "private"},
		"encrypted private":    {armour("ENCRYPTED PRIVATE KEY", []byte{1, 2, 3}), "private"},
		"private, broken":      {"-----begin rsa private key-----\nMII", "private"},
		"certificate":          {armour("CERTIFICATE", certificate), "certificate"},
		"bare certificate":     {bare(certificate), "certificate"},
		"two":                  {good + good, "several"},
		"EC":                   {armour("PUBLIC KEY", spki(t, &ec.PublicKey)), "not_rsa"},
		"1024 bits":            {public(modulus(1024, 1), 65537), "short"},
		"2047 bits":            {public(modulus(2047, 1), 65537), "short"},
		"16384 bits":           {public(modulus(16384, 1), 65537), "long"},
		"even modulus":         {public(modulus(2048, 2), 65537), "weak"},
		"exponent 1":           {public(modulus(2048, 1), 1), "weak"},
		"even exponent":        {public(modulus(2048, 1), 4), "weak"},
		"cut off":              {bare(spki(t, &private.PublicKey)[:100]), "malformed"},
		"something behind":     {bare(append(spki(t, &private.PublicKey), 0)), "malformed"},
		"PEM without an end":   {strings.TrimSuffix(good, "-----END PUBLIC KEY-----\n"), "malformed"},
		"base64url":            {strings.NewReplacer("+", "-", "/", "_").Replace(bare(spki(t, &private.PublicKey))) + "-_", "malformed"},
		"far too long":         {strings.Repeat("A", 17<<10), "large"},
	} {
		_, err := app.ParseKey(c.text)
		var bad *app.BadKey
		if !errors.As(err, &bad) || bad.Code != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		} else if len(c.text) > 20 && strings.Contains(err.Error(), c.text[len(c.text)-20:]) {
			t.Errorf("%s: the error holds the text", name)
		}
	}
}

func TestANewKeyIsUsedAtOnceAndTheOldOneIsListedForAWhile(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		r := &app.Room{DB: d, Access: &access.Room{DB: d, Ring: seal.TestRing(t)}}
		var o app.Operator
		write(t, r, func(tx *db.Tx) (err error) { o, err = r.CreateOperator(t.Context(), tx, "测试"); return err })
		a, _, err := create(t, r, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		active := func() (key *rsa.PublicKey, version int, err error) {
			read(t, r, func(ctx context.Context, tx *db.Tx) error {
				key, version, err = app.ActiveKey(ctx, tx, o.ID, a.ID)
				return nil
			})
			return key, version, err
		}
		if _, _, err := active(); !errors.Is(err, app.ErrNoKey) {
			t.Errorf("no key: %v", err)
		}
		for i, k := range keys()[:2] {
			made, err := r.AddKey(t.Context(), owner(o.ID), a.ID, armour("PUBLIC KEY", spki(t, &k.PublicKey)))
			if err != nil || made.Version != i+1 || made.Bits != 2048 || len(made.Fingerprint) != 64 || !made.Retires.IsZero() {
				t.Fatalf("%+v, %v", made, err)
			}
			if got, version, err := active(); err != nil || version != i+1 || !got.Equal(&k.PublicKey) {
				t.Errorf("version %d is used, %v", version, err)
			}
			clock.Advance(time.Hour)
		}
		var bad *app.BadKey
		if _, err := r.AddKey(t.Context(), owner(o.ID), a.ID, bare(spki(t, &keys()[1].PublicKey))); !errors.As(err, &bad) || bad.Code != "same" {
			t.Errorf("the same again: %v", err)
		}
		listed := func() (out []app.Key) {
			read(t, r, func(ctx context.Context, tx *db.Tx) (err error) { out, err = app.Keys(ctx, tx, o.ID, a.ID); return err })
			return out
		}
		if all := listed(); len(all) != 2 || all[0].Version != 2 || !all[1].Retires.Equal(all[0].Added.Add(app.KeyOverlap)) {
			t.Errorf("%+v", all)
		}
		clock.Advance(app.KeyOverlap)
		if all := listed(); len(all) != 1 || all[0].Version != 2 {
			t.Errorf("after the overlap: %+v", all)
		}
		// An older key may come back: it is a new version.
		if k, err := r.AddKey(t.Context(), owner(o.ID), a.ID, bare(spki(t, &keys()[0].PublicKey))); err != nil || k.Version != 3 {
			t.Errorf("%+v, %v", k, err)
		}
		// Two at once become two versions.
		var wait sync.WaitGroup
		for _, k := range keys()[1:] {
			wait.Go(func() {
				if _, err := r.AddKey(t.Context(), owner(o.ID), a.ID, bare(spki(t, &k.PublicKey))); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if all := listed(); len(all) != 4 || all[0].Version != 5 || !all[0].Retires.IsZero() || all[1].Retires.IsZero() {
			t.Errorf("at once: %+v", all)
		}
		agent := owner(o.ID)
		agent.Role = access.RoleAgent
		var denied *access.Denied
		if _, err := r.AddKey(t.Context(), agent, a.ID, bare(spki(t, &keys()[0].PublicKey))); !errors.As(err, &denied) {
			t.Errorf("an agent: %v", err)
		}
		if _, err := r.AddKey(t.Context(), owner("op_other"), a.ID, bare(spki(t, &keys()[0].PublicKey))); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator: %v", err)
		}
		// A private key is in no table.
		pkcs8, err := x509.MarshalPKCS8PrivateKey(keys()[0])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.AddKey(t.Context(), owner(o.ID), a.ID, bare(pkcs8)); !errors.As(err, &bad) || bad.Code != "private" {
			t.Errorf("a private key: %v", err)
		}
		if all := listed(); len(all) != 4 {
			t.Errorf("a refused key is listed: %+v", all)
		}
	})
}

// Whatever is pasted, it is a sound public key or a *BadKey.
func FuzzParseKey(f *testing.F) {
	public := &keys()[0].PublicKey
	f.Add(armour("PUBLIC KEY", spki(f, public)))
	f.Add(bare(x509.MarshalPKCS1PublicKey(public)))
	f.Add(armour("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(keys()[0])))
	f.Add("-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----")
	f.Add("MIIB")
	f.Fuzz(func(t *testing.T, text string) {
		key, err := app.ParseKey(text)
		if err != nil {
			var bad *app.BadKey
			if !errors.As(err, &bad) || bad.Error() == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		if bits := key.N.BitLen(); bits < app.MinKeyBits || bits > app.MaxKeyBits || key.E < 3 {
			t.Fatalf("a key of %d bits with exponent %d", bits, key.E)
		}
		//lint:ignore SA1019 the wire's documents have it so, and this is what the key is for
		if _, err := rsa.EncryptPKCS1v15(rand.Reader, key, []byte("x")); err != nil {
			t.Fatalf("a key that cannot be used: %v", err)
		}
	})
}
