package exchange_test

import (
	"crypto/sha1" //nolint:gosec // the platform's own signature
	"encoding"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clew/db"
	"clew/exchange"
)

// push is a signed one.
func (h *house) push(id, body string) exchange.Push {
	return exchange.Push{Signature: exchange.EventSignature(h.there.Secret, []byte(body)), MessageID: id, Body: []byte(body)}
}

func (h *house) receive(p exchange.Push) (exchange.Received, error) {
	h.t.Helper()
	return h.room.Receive(h.t.Context(), h.owner.Operator, h.app, p)
}

// messages is the bodies that were put into the outbox.
func (h *house) messages() (list []exchange.Event) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(tx *db.Tx) error {
		bodies, err := db.Collect(h.t.Context(), tx, func(s db.Scanner) (b string, err error) { return b, s.Scan(&b) },
			"select body from outbox where kind=$1 order by created_at, id", exchange.KindEvent)
		for _, b := range bodies {
			var e exchange.Event
			h.must(json.Unmarshal([]byte(b), &e))
			list = append(list, e)
		}
		return err
	}))
	return list
}

func TestAnEventIsTakenOnceAndHoldsNobody(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		const person, words = "open_id_of_somebody", "card answers of somebody"
		body := fmt.Sprintf(`{"event":"im_receive_msg","client_key":%q,"from_user_id":%q,"to_user_id":"x","content":{"message_type":"retain_consult_card","card_data":[{"label":"电话","value":%q}]}}`,
			h.there.ID, person, words)
		for i := range 3 {
			got, err := h.receive(h.push("msg-1", body))
			if err != nil || got.Repeated != (i > 0) || got.Challenge != nil {
				h.t.Errorf("time %d: %+v %v", i, got, err)
			}
		}
		h.clock.Advance(time.Second)
		// The id is not signed: the same body under another id may be a replay, and says so.
		if _, err := h.receive(h.push("msg-2", body)); err != nil {
			h.t.Error(err)
		}
		list := h.messages()
		if len(list) != 2 || list[0] != (exchange.Event{App: h.app, Platform: exchange.Douyin, Event: "im_receive_msg", Message: "msg-1"}) ||
			list[1].Message != "msg-2" || !strings.HasPrefix(list[1].SameAs, "pev_") {
			h.t.Errorf("messages: %+v", list)
		}
		for _, column := range []string{"message", "event", "body_tag"} {
			if n := h.count("select count(*) from exchange_event where "+column+" like $1 or "+column+" like $2", "%"+person+"%", "%"+words+"%"); n != 0 {
				h.t.Errorf("%s holds what the event said", column)
			}
		}
		if n := h.count("select count(*) from outbox where body like $1 or body like $2", "%"+person+"%", "%"+words+"%"); n != 0 {
			h.t.Error("the outbox holds what the event said")
		}
		h.clock.Advance(7*24*time.Hour + time.Second)
		_, err := h.room.Sweep(h.t.Context())
		h.must(err)
		if n := h.count("select count(*) from exchange_event"); n != 0 {
			h.t.Errorf("%d events after a week", n)
		}
	})
}

func TestTheAddressIsVerified(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		for body, want := range map[string]string{
			`{"event":"verify_webhook","client_key":"` + h.there.ID + `","content":{"challenge":12345}}`: "12345",
			`{"event":"verify_webhook","content":{"challenge": "a-b_9"}}`:                                `"a-b_9"`,
			`{"event":"verify_webhook","content":"{\"challenge\":77}"}`:                                  "77",
		} {
			got, err := h.receive(h.push("", body))
			if err != nil || string(got.Challenge) != want {
				h.t.Errorf("%s: %s %v", body, got.Challenge, err)
			}
		}
		for _, body := range []string{
			`{"event":"verify_webhook"}`, `{"event":"verify_webhook","content":{}}`, `{"event":"verify_webhook","content":{"challenge":{"a":1}}}`,
			`{"event":"verify_webhook","content":{"challenge":"<script>"}}`, `{"event":"verify_webhook","content":{"challenge":1.5}}`,
			`{"event":""}`, `{"event":"a b"}`, `{}`, `[]`, `null`, ``, `{"event":"dial_phone"}{"event":"dial_phone"}`,
		} {
			if _, err := h.receive(h.push("msg-1", body)); !errors.Is(err, exchange.ErrEvent) {
				h.t.Errorf("%s: %v", body, err)
			}
		}
		for _, id := range []string{"", " ", "a\nb", strings.Repeat("x", 200)} {
			if _, err := h.receive(h.push(id, `{"event":"dial_phone"}`)); !errors.Is(err, exchange.ErrEvent) {
				h.t.Errorf("id %q: %v", id, err)
			}
		}
		if list := h.messages(); len(list) != 0 {
			h.t.Errorf("messages: %+v", list)
		}
	})
}

func TestForgedEventsAreRefused(t *testing.T) {
	each(t, func(h *house) {
		h.put(exchange.Douyin)
		body := `{"event":"dial_phone","client_key":"` + h.there.ID + `"}`
		good := h.push("msg-1", body)
		for name, p := range map[string]exchange.Push{
			"no signature":     {MessageID: "msg-1", Body: []byte(body)},
			"another's secret": {Signature: exchange.EventSignature("other", []byte(body)), MessageID: "msg-1", Body: []byte(body)},
			"no secret":        {Signature: exchange.EventSignature("", []byte(body)), MessageID: "msg-1", Body: []byte(body)},
			"changed body":     {Signature: good.Signature, MessageID: "msg-1", Body: []byte(strings.Replace(body, "dial", "deal", 1))},
			"a space more":     {Signature: good.Signature, MessageID: "msg-1", Body: []byte(body + " ")},
			"capitals":         {Signature: strings.ToUpper(good.Signature), MessageID: "msg-1", Body: []byte(body)},
			"another app":      h.push("msg-1", `{"event":"dial_phone","client_key":"tt0000"}`),
		} {
			if _, err := h.receive(p); !errors.Is(err, exchange.ErrSignature) {
				h.t.Errorf("%s: %v", name, err)
			}
		}
		for _, who := range [][2]string{{h.owner.Operator, "app_unknown"}, {"op_unknown", h.app}, {"", ""}} {
			if _, err := h.room.Receive(h.t.Context(), who[0], who[1], good); !errors.Is(err, exchange.ErrSignature) {
				h.t.Errorf("%v: %v", who, err)
			}
		}
		// Whoever has seen one signature can compute that of a longer body, but not one
		// that is an event.
		longer, signature := lengthen(good.Signature, len(h.there.Secret), []byte(body), []byte(`,"event":"deal_phone"}`))
		if signature != exchange.EventSignature(h.there.Secret, longer) {
			h.t.Fatal("the test does not lengthen as it should")
		}
		if _, err := h.receive(exchange.Push{Signature: signature, MessageID: "msg-1", Body: longer}); !errors.Is(err, exchange.ErrEvent) {
			h.t.Errorf("a lengthened body: %v", err)
		}
		if list := h.messages(); len(list) != 0 {
			h.t.Fatalf("messages: %+v", list)
		}
		if _, err := h.receive(good); err != nil {
			h.t.Error(err)
		}
		// While a secret is being changed both are believed, then the new one alone.
		old := h.there.Secret
		_, err := h.room.Put(h.t.Context(), h.owner, exchange.NewCredential{App: h.app, Platform: exchange.Douyin, Secret: old + "2", Overlap: time.Hour})
		h.must(err)
		for i, secret := range []string{old, old + "2"} {
			h.there.Secret = secret
			if _, err := h.receive(h.push(fmt.Sprintf("msg-%d", 10+i), body)); err != nil {
				h.t.Errorf("secret %d: %v", i, err)
			}
		}
		h.clock.Advance(time.Hour)
		h.there.Secret = old
		if _, err := h.receive(h.push("msg-20", body)); !errors.Is(err, exchange.ErrSignature) {
			h.t.Errorf("a secret that has ended: %v", err)
		}
	})
}

// lengthen computes the SHA-1 of secret, body, padding and more from the SHA-1 of
// secret and body, without the secret.
func lengthen(signature string, secret int, body, more []byte) (longer []byte, longerSignature string) {
	sum, err := hex.DecodeString(signature)
	if err != nil {
		panic(err)
	}
	n := secret + len(body)
	pad := []byte{0x80}
	for (n+len(pad))%64 != 56 {
		pad = append(pad, 0)
	}
	pad = binary.BigEndian.AppendUint64(pad, uint64(n)*8)
	state := append([]byte("sha\x01"), sum...)
	state = append(state, make([]byte, 64)...)
	state = binary.BigEndian.AppendUint64(state, uint64(n+len(pad)))
	h := sha1.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		panic(err)
	}
	_, _ = h.Write(more)
	longer = append(append(append([]byte{}, body...), pad...), more...)
	return longer, hex.EncodeToString(h.Sum(nil))
}
