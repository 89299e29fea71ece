package consent

import (
	"encoding/json"
	"errors"
	"testing"

	"clew/db/dbtest"
	"clew/seal"
)

func FuzzOpenForm(f *testing.F) {
	ring := seal.TestRing(f)
	good, err := IssueForm(ring, testForm(dbtest.Start), 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("")
	f.Add(good[:len(good)-1])
	f.Fuzz(func(t *testing.T, token string) {
		form, err := OpenForm(ring, token, dbtest.Start)
		if (err == nil) != (token == good) {
			t.Errorf("%q: %+v, %v", token, form, err)
		}
		if err != nil && !errors.Is(err, seal.ErrToken) && !errors.Is(err, seal.ErrTokenExpired) {
			t.Errorf("untyped error %v", err)
		}
		if tr, err := OpenTrigger(ring, token, dbtest.Start); err == nil {
			t.Errorf("%q opened as trigger: %+v", token, tr)
		}
	})
}

func FuzzOpenLink(f *testing.F) {
	ring := seal.TestRing(f)
	f.Add(Link(ring, "0123456789AB"))
	f.Add("0123456789ab-00000000000000000000000000")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		number, err := OpenLink(ring, text)
		if err != nil {
			if number != "" || !errors.Is(err, ErrLink) {
				t.Errorf("%q: %q, %v", text, number, err)
			}
			return
		}
		// Only seeds can get here: nobody guesses 128 bits.
		if again, err := OpenLink(ring, Link(ring, number)); err != nil || again != number {
			t.Errorf("%q opened as %q, which links elsewhere", text, number)
		}
	})
}

func FuzzAct(f *testing.F) {
	good, err := json.Marshal(testAct(dbtest.Start))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"choices":[{"id":"contact","accepted":true}],"gesture":{}}`))
	f.Add([]byte(`null`))
	notice, form := testNotice(), testForm(dbtest.Start)
	f.Fuzz(func(t *testing.T, data []byte) {
		var act Act
		if json.Unmarshal(data, &act) != nil {
			return
		}
		err := Prove(act, form, notice, []string{"contact"}, nil, dbtest.Start)
		var u *Unproven
		if err != nil && !errors.As(err, &u) {
			t.Errorf("untyped error %v", err)
		}
		if err == nil && (len(act.Choices) != 1 || !act.Choices[0].Accepted || !act.Gesture.Trusted || act.Gesture.BoxDefault) {
			t.Errorf("proved: %+v", act)
		}
	})
}

func FuzzVerifySigned(f *testing.F) {
	ring := seal.TestRing(f)
	keys := PublicKeys(ring)
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Add("{}")
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := VerifySigned(keys, text); err == nil {
			t.Errorf("%q verified: %+v", text, r)
		}
	})
}
