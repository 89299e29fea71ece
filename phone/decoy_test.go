package phone

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"clew/db"
	"clew/db/dbtest"
	"clew/seal"
)

// Whoever asks for a number that somebody else is verifying learns nothing: the
// answer, its errors and what follows are those of any other number.
func TestAStrangerLearnsNothingAboutANumber(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB, clock *dbtest.Clock) {
		sender := &outbox{}
		r := &Room{DB: d, Ring: seal.TestRing(t), Sender: sender}
		n, err := Normalize(fmt.Sprintf("138%08d", 7), DefaultRegion)
		if err != nil {
			t.Fatal(err)
		}
		send := func(address string) (Sent, error) {
			t.Helper()
			c, err := r.NewChallenge("cmp", false, d.Now())
			if err != nil {
				t.Fatal(err)
			}
			s, err := c.Solve()
			if err != nil {
				t.Fatal(err)
			}
			return r.SendCode(t.Context(), SendRequest{
				Operator: "op", Component: "cmp", Number: n, Address: address, Solution: s, ConsentHash: "sha256:x",
			})
		}
		if _, err := send("192.0.2.1"); err != nil {
			t.Fatal(err)
		}
		var soon *ResendTooSoon
		if _, err := send("192.0.2.1"); !errors.As(err, &soon) {
			t.Errorf("the one who asked: %v, want too soon", err)
		}
		decoy, err := send("198.51.100.9")
		if err != nil || decoy.CodeID == "" || decoy.ExpiresAt != d.Now().Add(5*time.Minute) || decoy.ResendAt != d.Now().Add(time.Minute) {
			t.Errorf("a stranger: %+v, %v", decoy, err)
		}
		if _, err := send("198.51.100.9"); !errors.As(err, &soon) {
			t.Errorf("a stranger asking twice: %v, want too soon, as for any number", err)
		}
		if len(sender.texts) != 1 {
			t.Errorf("%d messages left, want 1", len(sender.texts))
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			verdicts, err := r.Redeem(t.Context(), tx, []Claim{{Operator: "op", Component: "cmp", CodeID: decoy.CodeID, Code: "000000", Number: n}})
			if err == nil && !errors.Is(verdicts[0], ErrCodeWrong) && verdicts[0] != nil {
				t.Errorf("guessing at the decoy: %v, want wrong", verdicts[0])
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		// The number's daily cap is told to strangers just as little.
		for range 4 {
			clock.Advance(61 * time.Second)
			if _, err := send("192.0.2.1"); err != nil {
				t.Fatal(err)
			}
		}
		clock.Advance(61 * time.Second)
		var capped *Capped
		if _, err := send("192.0.2.1"); !errors.As(err, &capped) || capped.Scope != ScopeNumber {
			t.Errorf("the one who asked: %v, want capped", err)
		}
		if _, err := send("203.0.113.5"); err != nil {
			t.Errorf("a stranger: %v", err)
		}
		if len(sender.texts) != 5 {
			t.Errorf("%d messages left, want 5", len(sender.texts))
		}
	})
}
