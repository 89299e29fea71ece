package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
	"time"

	"clew/db"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
)

const (
	codeStep      = 30 // seconds (RFC 6238 4.1)
	codeSeed      = 20 // bytes (RFC 4226 4, R6)
	recoveryCodes = 10
)

var (
	seedText = base32.StdEncoding.WithPadding(base32.NoPadding)
	// recoveryText has no i, l, o, u: codes are copied from paper.
	recoveryText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)
)

// CodeSetup is what an authenticator app needs. It is shown once.
type CodeSetup struct {
	Ceremony string // pass it to [Room.ConfirmCode]
	Secret   string // base32, for typing
	URL      string // otpauth://, for a QR code
}

// BeginCode offers a new one-time-code secret; nothing changes until it is confirmed.
func (r *Room) BeginCode(ctx context.Context, s Session) (CodeSetup, error) {
	if !s.mayEditSelf() {
		return CodeSetup{}, ErrStepUp
	}
	seed := make([]byte, codeSeed)
	_, _ = rand.Read(seed)
	issuer := r.Passkeys.RPName
	if issuer == "" {
		issuer = "Clew"
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: s.Login, Secret: seed, Period: codeStep})
	if err != nil {
		return CodeSetup{}, fmt.Errorf("make a one-time-code secret: %w", err)
	}
	setup := CodeSetup{Secret: key.Secret(), URL: key.URL()}
	err = r.DB.Write(ctx, func(tx *db.Tx) error {
		setup.Ceremony, err = r.putCeremony(ctx, tx, ceremonyCode, s.Caller, seed)
		return err
	})
	return setup, err
}

// ConfirmCode takes the first code of the new secret, puts the secret in force and
// returns fresh recovery codes, which replace older ones. They are shown once. A
// wrong code is [*Invalid] and may be tried again.
func (r *Room) ConfirmCode(ctx context.Context, s Session, ceremony, code string) (recovery []string, err error) {
	if !s.mayEditSelf() {
		return nil, ErrStepUp
	}
	c := s.Caller
	err = r.Do(ctx, c, SelfEdit, Subject{"staff", c.ID}, "one-time code", func(tx *db.Tx) error {
		seed, err := r.takeCeremony(ctx, tx, ceremonyCode, c, ceremony)
		if err != nil {
			return err
		}
		step, ok := matchCode(seed, code, tx.Now())
		if !ok {
			return &Invalid{"code", "wrong", "enter the six digits the app shows now"}
		}
		if _, err := tx.Exec(ctx, "update staff set totp=$1 where operator=$2 and id=$3",
			r.Ring.SealSecret("access.totp", c.ID, seed), c.Operator, c.ID); err != nil {
			return err
		}
		// Steps of the old secret say nothing about the new one.
		if _, err := tx.Exec(ctx, "delete from totp_used where operator=$1 and staff=$2", c.Operator, c.ID); err != nil {
			return err
		}
		if err := useStep(ctx, tx, c.Operator, c.ID, step); err != nil {
			return err
		}
		recovery, err = r.replaceRecoveryCodes(ctx, tx, c)
		return err
	})
	return recovery, err
}

// NewRecoveryCodes replaces all recovery codes and shows the new ones, once.
func (r *Room) NewRecoveryCodes(ctx context.Context, s Session) (codes []string, err error) {
	if !s.mayEditSelf() {
		return nil, ErrStepUp
	}
	c := s.Caller
	err = r.Do(ctx, c, SelfEdit, Subject{"staff", c.ID}, "recovery codes", func(tx *db.Tx) error {
		codes, err = r.replaceRecoveryCodes(ctx, tx, c)
		return err
	})
	return codes, err
}

func (r *Room) replaceRecoveryCodes(ctx context.Context, tx *db.Tx, c Caller) ([]string, error) {
	if _, err := tx.Exec(ctx, "delete from recovery_code where operator=$1 and staff=$2", c.Operator, c.ID); err != nil {
		return nil, err
	}
	var codes []string
	var rows [][]any
	for range recoveryCodes {
		var b [7]byte
		_, _ = rand.Read(b[:])
		code := recoveryText.EncodeToString(b[:])[:10] // 50 bits behind the lock-out
		codes = append(codes, code[:5]+"-"+code[5:])
		rows = append(rows, []any{c.Operator, c.ID, r.recoveryTag(c.ID, code), 0})
	}
	return codes, tx.Insert(ctx, "recovery_code", []string{"operator", "staff", "tag", "used_at"}, rows)
}

func (r *Room) recoveryTag(staff, code string) []byte {
	return r.Ring.MAC("access.recovery", staff, code)
}

// plainCode drops what people add when copying; in a recovery code it also mends
// the letters that the alphabet leaves out.
func plainCode(code string) string {
	code = strings.ToLower(code)
	for _, drop := range []string{" ", "-"} {
		code = strings.ReplaceAll(code, drop, "")
	}
	return strings.NewReplacer("o", "0", "i", "1", "l", "1").Replace(code)
}

// matchCode compares with the present step and its two neighbours, always all
// three, and says which one matched.
func matchCode(seed []byte, code string, now time.Time) (step int64, ok bool) {
	code = plainCode(code)
	present := now.Unix() / codeStep
	for _, s := range []int64{present - 1, present, present + 1} {
		want, err := hotp.GenerateCode(seedText.EncodeToString(seed), uint64(s))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// useStep accepts a time step once and never again (RFC 6238 5.2), whatever the
// clock does meanwhile; [ErrSignIn] the second time.
func useStep(ctx context.Context, tx *db.Tx, operator, staff string, step int64) error {
	n, err := tx.Exec(ctx, "insert into totp_used (operator, staff, step) values ($1,$2,$3) on conflict do nothing", operator, staff, step)
	if err == nil && n == 0 {
		return ErrSignIn
	}
	return err
}

// useRecoveryCode accepts a recovery code once; [ErrSignIn] otherwise.
func (r *Room) useRecoveryCode(ctx context.Context, tx *db.Tx, operator, staff, code string) error {
	n, err := tx.Exec(ctx, "update recovery_code set used_at=$1 where operator=$2 and staff=$3 and tag=$4 and used_at=0",
		tx.NowMS(), operator, staff, r.recoveryTag(staff, plainCode(code)))
	if err == nil && n == 0 {
		return ErrSignIn
	}
	return err
}

// RecoveryCodesLeft counts the unused ones, for a reminder.
func (r *Room) RecoveryCodesLeft(ctx context.Context, s Session) (n int, err error) {
	err = r.DB.Read(ctx, func(tx *db.Tx) error {
		n, err = db.One(ctx, tx, func(row db.Scanner) (int, error) { var n int; return n, row.Scan(&n) },
			"select count(*) from recovery_code where operator=$1 and staff=$2 and used_at=0", s.Caller.Operator, s.Caller.ID)
		return err
	})
	return n, err
}

// Kinds of ceremony; a half of one does not complete another.
const (
	ceremonyCode     = "code"
	ceremonyRegister = "passkey"
	ceremonySignIn   = "sign-in"
	ceremonyStepUp   = "step-up"
)

// ceremonyTTL is how long the second half of a ceremony may take.
const ceremonyTTL = 5 * time.Minute

// ErrCeremony says that the second half came too late, twice, or without the first.
var ErrCeremony = errors.New("this took longer than five minutes or was already finished: start again")

func (r *Room) putCeremony(ctx context.Context, tx *db.Tx, kind string, c Caller, data []byte) (token string, err error) {
	// Anybody may begin a sign-in; what they leave behind goes as others begin.
	if _, err := tx.Exec(ctx, "delete from ceremony where expires_at<=$1", tx.NowMS()); err != nil {
		return "", err
	}
	token = newToken()
	return token, tx.Insert(ctx, "ceremony", []string{"operator", "hash", "staff", "kind", "data", "expires_at"},
		[][]any{{c.Operator, hashToken(token), c.ID, kind, r.Ring.SealSecret("access.ceremony", kind+" "+c.ID, data), tx.Now().Add(ceremonyTTL).UnixMilli()}})
}

func (r *Room) takeCeremony(ctx context.Context, tx *db.Tx, kind string, c Caller, token string) ([]byte, error) {
	type row struct {
		data    []byte
		expires int64
	}
	got, err := db.One(ctx, tx, func(s db.Scanner) (v row, err error) { return v, s.Scan(&v.data, &v.expires) },
		"delete from ceremony where operator=$1 and hash=$2 and staff=$3 and kind=$4 returning data, expires_at",
		c.Operator, hashToken(token), c.ID, kind)
	if errors.Is(err, db.ErrNone) || err == nil && got.expires <= tx.NowMS() {
		return nil, ErrCeremony
	}
	if err != nil {
		return nil, err
	}
	return r.Ring.OpenSecret("access.ceremony", kind+" "+c.ID, got.data)
}
