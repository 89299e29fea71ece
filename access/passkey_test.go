package access

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// authenticator is a passkey in software: ES256, attestation "none".
type authenticator struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	handle  string // as the site gave it, base64url
	origin  string
	count   uint32
	flags   byte // user present 1, user verified 4
	counter bool // keeps a counter
}

func newAuthenticator(t *testing.T) *authenticator {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &authenticator{t: t, key: key, id: id, origin: "https://console.example", flags: 1 | 4, counter: true}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) data(more ...byte) []byte {
	if a.counter {
		a.count++
	}
	site := sha256.Sum256([]byte("console.example"))
	flags := a.flags
	if len(more) > 0 {
		flags |= 0x40 // attested credential data follows
	}
	return append(binary.BigEndian.AppendUint32(append(site[:], flags), a.count), more...)
}

func (a *authenticator) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": "webauthn." + kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

type publicKey struct {
	PublicKey struct {
		Challenge              string
		RPID                   string                `json:"rpId"`
		User                   struct{ ID string }   `json:"user"`
		ExcludeCredentials     []struct{ ID string } `json:"excludeCredentials"`
		UserVerification       string
		AuthenticatorSelection struct{ ResidentKey, UserVerification string }
	}
}

func (a *authenticator) options(raw []byte) (o publicKey) {
	if err := json.Unmarshal(raw, &o); err != nil {
		a.t.Fatal(err)
	}
	return o
}

func (a *authenticator) answer(response map[string]string) []byte {
	b, err := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response})
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// register answers navigator.credentials.create.
func (a *authenticator) register(options []byte) []byte {
	o := a.options(options)
	a.handle = o.PublicKey.User.ID
	point, err := a.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		a.t.Fatal(err)
	}
	// COSE_Key (RFC 9053 7.1.1): EC2, ES256, P-256.
	cose, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		a.t.Fatal(err)
	}
	credential := append(make([]byte, 16), 0, byte(len(a.id)))
	credential = append(append(credential, a.id...), cose...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(credential...)})
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]string{"clientDataJSON": b64(a.client("create", o.PublicKey.Challenge)), "attestationObject": b64(object)})
}

// assert answers navigator.credentials.get.
func (a *authenticator) assert(options []byte) []byte {
	client := a.client("get", a.options(options).PublicKey.Challenge)
	data := a.data()
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, sum[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.answer(map[string]string{
		"clientDataJSON": b64(client), "authenticatorData": b64(data),
		"signature": b64(signature), "userHandle": a.handle,
	})
}

func addPasskey(t *testing.T, r *Room, s Session, a *authenticator) (Passkey, error) {
	t.Helper()
	ceremony, options, err := r.BeginPasskey(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r.FinishPasskey(t.Context(), s, ceremony, "laptop", a.register(options))
}

func signInWith(t *testing.T, r *Room, a *authenticator) (string, Session, error) {
	t.Helper()
	ceremony, options, err := r.BeginPasskeySignIn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r.FinishPasskeySignIn(t.Context(), ceremony, a.assert(options), "192.0.2.1")
}

func TestPasskeyFromEndToEnd(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		s, link, err := r.Invite(ctx, owner("op_1"), NewStaff{"ann", "Ann", RoleAgent})
		if err != nil {
			t.Fatal(err)
		}
		_, session, err := r.UseLoginLink(ctx, link)
		if err != nil {
			t.Fatal(err)
		}
		a := newAuthenticator(t)
		ceremony, raw, err := r.BeginPasskey(ctx, session)
		if err != nil {
			t.Fatal(err)
		}
		if sel := a.options(raw).PublicKey.AuthenticatorSelection; sel.ResidentKey != "required" || sel.UserVerification != "required" {
			t.Errorf("asked for %+v", sel)
		}
		response := a.register(raw)
		k, err := r.FinishPasskey(ctx, session, ceremony, "laptop", response)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.FinishPasskey(ctx, session, ceremony, "laptop", response); err != ErrCeremony {
			t.Errorf("the same answer again: %v", err)
		}
		clock.Advance(time.Minute)
		token, in, err := signInWith(t, r, a)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.FromSession(ctx, token)
		if err != nil || got.Caller.ID != s.ID || got.ID != in.ID || got.Method != MethodPasskey || !got.Enrolled {
			t.Errorf("%+v, %v", got, err)
		}
		list, err := r.ListPasskeys(ctx, got)
		if err != nil || len(list) != 1 || list[0] != (Passkey{k.ID, "laptop", dbtest.Start, clock.Now()}) {
			t.Errorf("%+v, %v", list, err)
		}
		if err := r.RemovePasskey(ctx, got, k.ID); err != ErrOnlyWayIn {
			t.Errorf("removed the only way in: %v", err)
		}
		_, raw, err = r.BeginPasskey(ctx, got)
		if ex := a.options(raw).PublicKey.ExcludeCredentials; err != nil || len(ex) != 1 || ex[0].ID != b64(a.id) {
			t.Errorf("excluded %+v, %v", ex, err)
		}
		second := newAuthenticator(t)
		if _, err := addPasskey(t, r, got, second); err != nil {
			t.Fatal(err)
		}
		if err := r.RemovePasskey(ctx, got, k.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := signInWith(t, r, a); err != ErrSignIn {
			t.Errorf("a removed passkey: %v", err)
		}
		if _, _, err := signInWith(t, r, second); err != nil {
			t.Errorf("the one left: %v", err)
		}
	})
}

func TestPasskeysRefused(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		bob := enrol(t, r, "op_1", "bob", RoleOwner)
		var bad *Invalid
		for name, spoil := range map[string]func(*authenticator){
			"another origin":    func(a *authenticator) { a.origin = "https://evil.example" },
			"user not verified": func(a *authenticator) { a.flags = 1 },
			"user not present":  func(a *authenticator) { a.flags = 4 },
		} {
			a := newAuthenticator(t)
			spoil(a)
			if _, err := addPasskey(t, r, m.session, a); !errors.As(err, &bad) {
				t.Errorf("registering, %s: %v", name, err)
			}
			a = newAuthenticator(t)
			if _, err := addPasskey(t, r, m.session, a); err != nil {
				t.Fatal(err)
			}
			spoil(a)
			if _, _, err := signInWith(t, r, a); err != ErrSignIn {
				t.Errorf("signing in, %s: %v", name, err)
			}
		}
		a := newAuthenticator(t)
		if _, err := addPasskey(t, r, m.session, a); err != nil {
			t.Fatal(err)
		}
		if _, err := addPasskey(t, r, bob.session, a); !errors.As(err, &bad) {
			t.Errorf("one credential for two accounts: %v", err)
		}
		a.handle = b64([]byte("nobody"))
		if _, _, err := signInWith(t, r, a); err != ErrSignIn {
			t.Errorf("unknown handle: %v", err)
		}
		ceremony, options, err := r.BeginPasskey(ctx, m.session)
		if err != nil {
			t.Fatal(err)
		}
		c := newAuthenticator(t)
		response := c.register(options)
		if _, err := r.FinishPasskey(ctx, bob.session, ceremony, "x", response); err != ErrCeremony {
			t.Errorf("a colleague's ceremony: %v", err)
		}
		if _, _, err := r.FinishPasskeySignIn(ctx, ceremony, response, ""); err != ErrCeremony {
			t.Errorf("a ceremony of another kind: %v", err)
		}
		clock.Advance(ceremonyTTL)
		if _, err := r.FinishPasskey(ctx, m.session, ceremony, "x", response); err != ErrCeremony {
			t.Errorf("after five minutes: %v", err)
		}
		for _, junk := range []string{"", "{}", "null", `{"id":"AA","rawId":"AA","type":"public-key","response":{}}`, strings.Repeat("[", 10000)} {
			ceremony, _, err := r.BeginPasskeySignIn(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, err := r.FinishPasskeySignIn(ctx, ceremony, []byte(junk), ""); err != ErrSignIn {
				t.Errorf("%.20q: %v", junk, err)
			}
		}
		r.Passkeys = Config{}
		if _, _, err := r.BeginPasskeySignIn(ctx); err != ErrPasskeysOff {
			t.Errorf("without configuration: %v", err)
		}
	})
}

func TestAClonedPasskeyIsRefusedAndRecorded(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		m := enrol(t, r, "op_1", "ann", RoleOwner)
		a := newAuthenticator(t)
		if _, err := addPasskey(t, r, m.session, a); err != nil {
			t.Fatal(err)
		}
		clone := *a
		for range 2 {
			if _, _, err := signInWith(t, r, a); err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(time.Second)
		if _, _, err := signInWith(t, r, &clone); !errors.Is(err, ErrSignIn) {
			t.Errorf("the clone: %v", err)
		}
		list := records(t, r, "op_1")
		if e := list[len(list)-1]; e.Outcome != OutcomeDenied || e.Reason != "passkey counter went back" || e.CallerID != m.ID {
			t.Errorf("%+v", e)
		}
		// Synced passkeys keep no counter: zero for ever.
		b := newAuthenticator(t)
		b.counter = false
		if _, err := addPasskey(t, r, m.session, b); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if _, _, err := signInWith(t, r, b); err != nil {
				t.Errorf("without a counter: %v", err)
			}
		}
	})
}

func TestPasskeyStepUpAndDisabling(t *testing.T) {
	each(t, func(t *testing.T, r *Room, clock *dbtest.Clock) {
		ctx := t.Context()
		enrol(t, r, "op_1", "boss", RoleOwner)
		m := enrol(t, r, "op_1", "ann", RoleAgent)
		bob := enrol(t, r, "op_1", "bob", RoleAgent)
		a, other := newAuthenticator(t), newAuthenticator(t)
		for s, k := range map[*Session]*authenticator{&m.session: a, &bob.session: other} {
			if _, err := addPasskey(t, r, *s, k); err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(time.Hour)
		s, err := r.FromSession(ctx, m.token)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.BeginPasskey(ctx, s); err != ErrStepUp {
			t.Errorf("a passkey without fresh proof: %v", err)
		}
		for _, c := range []struct {
			with *authenticator
			want error
		}{{other, ErrSignIn}, {a, nil}} {
			ceremony, options, err := r.BeginPasskeyStepUp(ctx, s)
			if err != nil {
				t.Fatal(err)
			}
			if err := r.FinishPasskeyStepUp(ctx, s, ceremony, c.with.assert(options), ""); err != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
		}
		if s, err = r.FromSession(ctx, m.token); err != nil || !s.FreshEnough(StepUpWithin) {
			t.Errorf("not fresh: %v", err)
		}
		ceremony, options, err := r.BeginPasskeySignIn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		response := a.assert(options)
		if err := r.Disable(ctx, owner("op_1"), m.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.FinishPasskeySignIn(ctx, ceremony, response, ""); err != ErrSignIn {
			t.Errorf("disabled meanwhile: %v", err)
		}
	})
}
