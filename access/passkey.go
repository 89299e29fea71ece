package access

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"clew/db"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// ErrPasskeysOff says that the installation has no [Config] for passkeys.
var ErrPasskeysOff = errors.New("passkeys are not set up: the configuration names no site for them")

// ErrOnlyWayIn says that a passkey cannot go because nothing else lets its owner in.
var ErrOnlyWayIn = errors.New("this passkey is the only way to sign in: set up another first")

// passkeysEach bounds the passkeys of one account.
const passkeysEach = 20

// Passkey is one registered authenticator as lists show it.
type Passkey struct {
	ID, Name  string
	CreatedAt time.Time
	UsedAt    time.Time // zero: never
}

// relyingParty is made per ceremony: it is cheap, and the room keeps no state.
func (r *Room) relyingParty() (*webauthn.WebAuthn, error) {
	if r.Passkeys.RPID == "" {
		return nil, ErrPasskeysOff
	}
	must := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: r.Passkeys.RPID, RPDisplayName: r.Passkeys.RPName, RPOrigins: r.Passkeys.Origins,
		// Which make of authenticator it is does not concern us.
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			RequireResidentKey: &must,
			ResidentKey:        protocol.ResidentKeyRequirementRequired,
			UserVerification:   protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return w, nil
}

// holder is an account as go-webauthn wants to see it.
type holder struct {
	account
	keys []storedPasskey
}

func (h holder) WebAuthnID() []byte          { return h.handle }
func (h holder) WebAuthnName() string        { return h.login }
func (h holder) WebAuthnDisplayName() string { return h.name }
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	out := make([]webauthn.Credential, len(h.keys))
	for i, k := range h.keys {
		out[i] = k.record
	}
	return out
}

type storedPasskey struct {
	Passkey
	record webauthn.Credential
}

func scanPasskey(s db.Scanner) (k storedPasskey, err error) {
	var record string
	var count, created, used int64
	if err := s.Scan(&k.ID, &k.Name, &record, &count, &created, &used); err != nil {
		return k, err
	}
	k.CreatedAt, k.UsedAt = instant(created), instant(used)
	if err := json.Unmarshal([]byte(record), &k.record); err != nil {
		return k, fmt.Errorf("passkey %s: %w", k.ID, err)
	}
	k.record.Authenticator.SignCount = uint32(count)
	return k, nil
}

func passkeysOf(ctx context.Context, tx *db.Tx, operator, staff string) ([]storedPasskey, error) {
	return db.Collect(ctx, tx, scanPasskey, `select id, name, record, sign_count, created_at, used_at
		from passkey where operator=$1 and staff=$2 order by id`, operator, staff)
}

func (r *Room) holder(ctx context.Context, cond string, args ...any) (h holder, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		h.account, err = db.One(ctx, tx, scanAccount, "select "+accountColumns+" from staff p where p.disabled_at=0 and "+cond, args...)
		if err != nil {
			return err
		}
		h.keys, err = passkeysOf(ctx, tx, h.operator, h.id)
		return err
	})
	return h, err
}

func (r *Room) holderOf(ctx context.Context, s Session) (holder, error) {
	h, err := r.holder(ctx, "p.operator=$1 and p.id=$2", s.Caller.Operator, s.Caller.ID)
	if errors.Is(err, db.ErrNone) {
		err = ErrSession
	}
	return h, err
}

// begin keeps the server's half of a ceremony and returns the browser's.
func (r *Room) begin(ctx context.Context, kind string, c Caller, server *webauthn.SessionData, browser any) (ceremony string, options json.RawMessage, err error) {
	half, err := json.Marshal(server)
	if err != nil {
		return "", nil, err
	}
	if options, err = json.Marshal(browser); err != nil {
		return "", nil, err
	}
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		ceremony, err = r.putCeremony(ctx, tx, kind, c, half)
		return err
	})
	return ceremony, options, err
}

// finish takes the server's half away before the browser's answer is looked at: a
// challenge gets one answer, right or wrong.
func (r *Room) finish(ctx context.Context, kind string, c Caller, ceremony string) (server webauthn.SessionData, err error) {
	var half []byte
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		half, err = r.takeCeremony(ctx, tx, kind, c, ceremony)
		return err
	})
	if err != nil {
		return server, err
	}
	return server, json.Unmarshal(half, &server)
}

// BeginPasskey starts registering a passkey for whoever holds s. options go to
// navigator.credentials.create (member publicKey); ceremony comes back with the
// answer within five minutes.
func (r *Room) BeginPasskey(ctx context.Context, s Session) (ceremony string, options json.RawMessage, err error) {
	if !s.mayEditSelf() {
		return "", nil, ErrStepUp
	}
	w, err := r.relyingParty()
	if err != nil {
		return "", nil, err
	}
	h, err := r.holderOf(ctx, s)
	if err != nil {
		return "", nil, err
	}
	if len(h.keys) >= passkeysEach {
		return "", nil, &Invalid{"passkey", "many", "remove one first: 20 are the most"}
	}
	have := webauthn.Credentials(h.WebAuthnCredentials()).CredentialDescriptors()
	creation, server, err := w.BeginRegistration(h, webauthn.WithExclusions(have))
	if err != nil {
		return "", nil, fmt.Errorf("begin passkey: %w", err)
	}
	return r.begin(ctx, ceremonyRegister, s.Caller, server, creation)
}

// FinishPasskey stores the passkey that the browser made; response is its JSON. A
// response that does not hold is [*Invalid].
func (r *Room) FinishPasskey(ctx context.Context, s Session, ceremony, name string, response []byte) (Passkey, error) {
	if !s.mayEditSelf() {
		return Passkey{}, ErrStepUp
	}
	name = strings.TrimSpace(name)
	if err := checkText("name", name, 80); err != nil {
		return Passkey{}, err
	}
	w, err := r.relyingParty()
	if err != nil {
		return Passkey{}, err
	}
	c := s.Caller
	server, err := r.finish(ctx, ceremonyRegister, c, ceremony)
	if err != nil {
		return Passkey{}, err
	}
	h, err := r.holderOf(ctx, s)
	if err != nil {
		return Passkey{}, err
	}
	refused := &Invalid{"passkey", "refused", "the authenticator's answer does not hold for this site: start again"}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	if err != nil {
		return Passkey{}, refused
	}
	credential, err := w.CreateCredential(h, server, parsed)
	if err != nil {
		return Passkey{}, refused
	}
	// Kept for re-checking attestations, of which there are none here.
	credential.Attestation = webauthn.CredentialAttestation{}
	record, err := json.Marshal(credential)
	if err != nil {
		return Passkey{}, err
	}
	k := Passkey{ID: db.NewID("passkey"), Name: name}
	err = r.Do(ctx, c, SelfEdit, Subject{"passkey", k.ID}, "add passkey", func(tx *db.Tx) error {
		k.CreatedAt = tx.Now()
		return tx.Insert(ctx, "passkey",
			[]string{"operator", "id", "staff", "name", "credential", "record", "sign_count", "created_at", "used_at"},
			[][]any{{c.Operator, k.ID, c.ID, k.Name, credential.ID, string(record), int64(credential.Authenticator.SignCount), tx.NowMS(), 0}})
	})
	if db.IsUnique(err) {
		err = refused
	}
	if err != nil {
		return Passkey{}, err
	}
	return k, nil
}

// BeginPasskeySignIn starts a sign-in for whoever answers: the passkey says who it
// is. options go to navigator.credentials.get. Bind ceremony to the browser (a
// cookie) and limit how often an address may begin.
func (r *Room) BeginPasskeySignIn(ctx context.Context) (ceremony string, options json.RawMessage, err error) {
	w, err := r.relyingParty()
	if err != nil {
		return "", nil, err
	}
	assertion, server, err := w.BeginDiscoverableLogin()
	if err != nil {
		return "", nil, fmt.Errorf("begin passkey sign-in: %w", err)
	}
	return r.begin(ctx, ceremonySignIn, Caller{}, server, assertion)
}

// FinishPasskeySignIn opens a session for the browser's answer. Every failure is
// [ErrSignIn], [ErrCeremony] or [*Locked].
func (r *Room) FinishPasskeySignIn(ctx context.Context, ceremony string, response []byte, address string) (token string, s Session, err error) {
	err = r.assert(ctx, ceremonySignIn, Caller{}, ceremony, response, address, func(tx *db.Tx, a account) error {
		token, s, err = r.startSession(ctx, tx, a, MethodPasskey)
		return err
	})
	if err != nil {
		return "", Session{}, err
	}
	return token, s, nil
}

// BeginPasskeyStepUp starts a fresh proof that s is in the right hands.
func (r *Room) BeginPasskeyStepUp(ctx context.Context, s Session) (ceremony string, options json.RawMessage, err error) {
	w, err := r.relyingParty()
	if err != nil {
		return "", nil, err
	}
	assertion, server, err := w.BeginDiscoverableLogin()
	if err != nil {
		return "", nil, fmt.Errorf("begin passkey step-up: %w", err)
	}
	return r.begin(ctx, ceremonyStepUp, s.Caller, server, assertion)
}

// FinishPasskeyStepUp makes s fresh; read the session again afterwards. It answers
// like [Room.FinishPasskeySignIn].
func (r *Room) FinishPasskeyStepUp(ctx context.Context, s Session, ceremony string, response []byte, address string) error {
	return r.assert(ctx, ceremonyStepUp, s.Caller, ceremony, response, address, func(tx *db.Tx, a account) error {
		if a.operator != s.Caller.Operator || a.id != s.Caller.ID {
			return ErrSignIn
		}
		return authenticated(ctx, tx, s)
	})
}

func (r *Room) assert(ctx context.Context, kind string, c Caller, ceremony string, response []byte, address string, fn func(*db.Tx, account) error) error {
	w, err := r.relyingParty()
	if err != nil {
		return err
	}
	addresses := r.byAddress(address)
	if err := r.charge(ctx, addresses...); err != nil {
		return err
	}
	server, err := r.finish(ctx, kind, c, ceremony)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	if err != nil {
		return ErrSignIn
	}
	var h holder
	var broken error // the store's, which is not the browser's fault
	find := func(_, handle []byte) (webauthn.User, error) {
		h, err = r.holder(ctx, "p.handle=$1", handle)
		if err != nil && !errors.Is(err, db.ErrNone) {
			broken = err
		}
		return h, err
	}
	_, credential, err := w.ValidatePasskeyLogin(find, server, parsed)
	if broken != nil {
		return broken
	}
	if err != nil {
		return ErrSignIn
	}
	count := int64(parsed.Response.AuthenticatorData.Counter)
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		a, err := staffForUpdate(ctx, tx, h.operator, h.id)
		if err != nil {
			return err
		}
		if a.disabledAt != 0 {
			return ErrSignIn
		}
		if err := usePasskey(ctx, tx, h, credential, count); err != nil {
			return err
		}
		if err := refund(ctx, tx, addresses...); err != nil {
			return err
		}
		return fn(tx, a)
	})
	if errors.Is(err, errCloned) {
		err = errors.Join(ErrSignIn, r.DB.Write(ctx, func(tx *db.Tx) error {
			return record(ctx, tx, h.caller(), SelfSignIn, Subject{"staff", h.id}, "passkey counter went back", OutcomeDenied)
		}))
	}
	return err
}

var errCloned = errors.New("passkey counter went back")

// usePasskey stores the new counter, which must have grown unless the
// authenticator keeps none (WebAuthn 7.2, step 22): else there are two of it.
func usePasskey(ctx context.Context, tx *db.Tx, h holder, c *webauthn.Credential, count int64) error {
	for _, k := range h.keys {
		if !bytes.Equal(k.record.ID, c.ID) {
			continue
		}
		record, err := json.Marshal(c) // its backup flag may have changed
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `update passkey set record=$1, sign_count=$2, used_at=$3 where operator=$4 and id=$5
			and (sign_count<$2 or sign_count=0 and $2=0)`, string(record), count, tx.NowMS(), h.operator, k.ID)
		if err == nil && n == 0 {
			return errCloned
		}
		return err
	}
	return ErrSignIn
}

// ListPasskeys lists the passkeys of whoever holds s, the oldest first.
func (r *Room) ListPasskeys(ctx context.Context, s Session) (list []Passkey, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		all, err := passkeysOf(ctx, tx, s.Caller.Operator, s.Caller.ID)
		for _, k := range all {
			list = append(list, k.Passkey)
		}
		return err
	})
	return list, err
}

// RemovePasskey deletes one of the holder's own; [ErrOnlyWayIn], [ErrMissing].
func (r *Room) RemovePasskey(ctx context.Context, s Session, id string) error {
	if !s.mayEditSelf() {
		return ErrStepUp
	}
	c := s.Caller
	return r.Do(ctx, c, SelfEdit, Subject{"passkey", id}, "remove passkey", func(tx *db.Tx) error {
		a, err := staffForUpdate(ctx, tx, c.Operator, c.ID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, "delete from passkey where operator=$1 and staff=$2 and id=$3", c.Operator, c.ID, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrMissing
		}
		if a.passkeys--; !a.enrolled() {
			return ErrOnlyWayIn
		}
		return nil
	})
}
