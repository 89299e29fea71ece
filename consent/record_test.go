package consent

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"
	"clew/seal"
)

func testRecord(t *testing.T, r Receipt, s Standing) Record {
	t.Helper()
	rec, err := NewRecord(r, testNotice(), testParty(), testTerms(), testFields(), s)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func testParty() Controller {
	return Controller{ID: "op_a", Name: "甲公司", Address: "上海市", Contact: "privacy@a.example"}
}

func testTerms() Terms {
	return Terms{Purpose: "回访购车咨询", Retention: "180 天", StorageLocations: "中国大陆", WithdrawalMethod: "https://clew.example/r/…"}
}

func testFields() []FieldInfo {
	return []FieldInfo{{ID: "phone", Label: "手机号", Kind: "phone"}, {ID: "name", Label: "称呼", Kind: "name", Optional: true}}
}

// mandatory is the list of ISO/IEC TS 27560's mandatory fields, as paths into the
// exported JSON; "[]" means every member of a list that must not be empty.
var mandatory = []string{
	"schema_version", "record_id", "pii_principal_id",
	"receipt.schema_version", "receipt.receipt_id",
	"pii_processing[].privacy_notice.text", "pii_processing[].language", "pii_processing[].purpose",
	"pii_processing[].pii_information[].pii_type", "pii_processing[].pii_controllers[]",
	"pii_processing[].storage_locations[]", "pii_processing[].retention_period", "pii_processing[].jurisdiction",
	"pii_processing[].recipient_third_parties[]", "pii_processing[].withdrawal_method",
	"parties[].party_id", "parties[].party_address", "parties[].party_name", "parties[].party_type",
	"events[].event_time", "events[].validity_duration", "events[].entity_id", "events[].event_type", "events[].event_state",
	// Ours.
	"notice_hash", "notice_version", "policy_version", "consent_type", "separate_consents[].id",
	"ui_proof.via", "ui_proof.gesture", "ui_proof.form_issued_at",
}

func TestRecordsHaveEveryMandatoryField(t *testing.T) {
	r := testReceipt(dbtest.Start)
	for name, s := range map[string]Standing{
		"given":     {GivenAt: r.At},
		"withdrawn": {GivenAt: r.At, WithdrawnAt: r.At.Add(time.Hour), WithdrawnBy: ByPerson},
		"erased":    {GivenAt: r.At, WithdrawnAt: r.At.Add(time.Hour), WithdrawnBy: ByPerson, ErasedAt: r.At.Add(2 * time.Hour), ErasedBy: "staff_1"},
	} {
		text, err := json.Marshal(testRecord(t, r, s))
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(text, &doc); err != nil {
			t.Fatal(err)
		}
		for _, path := range mandatory {
			if err := present(doc, strings.Split(strings.ReplaceAll(path, "[]", ".[]"), ".")); err != nil {
				t.Errorf("%s: %s: %v", name, path, err)
			}
		}
		events := doc.(map[string]any)["events"].([]any)
		last := events[len(events)-1].(map[string]any)["event_state"]
		if last != s.Status() {
			t.Errorf("%s: last event says %v, the state is %s", name, last, s.Status())
		}
	}
}

func present(doc any, path []string) error {
	if len(path) == 0 {
		switch v := doc.(type) {
		case nil:
			return errors.New("null")
		case string:
			if v == "" {
				return errors.New("empty")
			}
		}
		return nil
	}
	if path[0] == "[]" {
		list, _ := doc.([]any)
		if len(list) == 0 {
			return errors.New("empty list")
		}
		for _, member := range list {
			if err := present(member, path[1:]); err != nil {
				return err
			}
		}
		return nil
	}
	object, _ := doc.(map[string]any)
	next, ok := object[path[0]]
	if !ok {
		return fmt.Errorf("no member %s", path[0])
	}
	return present(next, path[1:])
}

func TestARecordThatLacksSomethingIsNotMade(t *testing.T) {
	r := testReceipt(dbtest.Start)
	given := Standing{GivenAt: r.At}
	for name, turn := range map[string]func(*Controller, *Terms, *[]FieldInfo, *Receipt, *Standing){
		"purpose":           func(_ *Controller, p *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { p.Purpose = " " },
		"retention period":  func(_ *Controller, p *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { p.Retention = "" },
		"storage locations": func(_ *Controller, p *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { p.StorageLocations = "" },
		"withdrawal method": func(_ *Controller, p *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { p.WithdrawalMethod = "" },
		"recipient third":   func(_ *Controller, p *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { p.Recipients = []string{""} },
		"pii information":   func(_ *Controller, _ *Terms, f *[]FieldInfo, _ *Receipt, _ *Standing) { *f = nil },
		"pii type":          func(_ *Controller, _ *Terms, f *[]FieldInfo, _ *Receipt, _ *Standing) { (*f)[0].Kind = "" },
		"party id":          func(c *Controller, _ *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { c.ID = "" },
		"party name":        func(c *Controller, _ *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { c.Name = "" },
		"party address":     func(c *Controller, _ *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { c.Address = "" },
		"party contact":     func(c *Controller, _ *Terms, _ *[]FieldInfo, _ *Receipt, _ *Standing) { c.Contact = "" },
		"language":          func(_ *Controller, _ *Terms, _ *[]FieldInfo, r *Receipt, _ *Standing) { r.Lang = "" },
		"pii principal id":  func(_ *Controller, _ *Terms, _ *[]FieldInfo, r *Receipt, _ *Standing) { r.Lead = "" },
		"policy version":    func(_ *Controller, _ *Terms, _ *[]FieldInfo, r *Receipt, _ *Standing) { r.Edition = "" },
		"separate consents": func(_ *Controller, _ *Terms, _ *[]FieldInfo, r *Receipt, _ *Standing) { r.Choices = nil },
		"event time":        func(_ *Controller, _ *Terms, _ *[]FieldInfo, _ *Receipt, s *Standing) { *s = Standing{} },
		"record id":         func(_ *Controller, _ *Terms, _ *[]FieldInfo, r *Receipt, _ *Standing) { r.ID = "" },
		"receipt id":        func(_ *Controller, _ *Terms, _ *[]FieldInfo, r *Receipt, _ *Standing) { r.Number = "" },
	} {
		party, terms, fields, r, s := testParty(), testTerms(), testFields(), r, given
		turn(&party, &terms, &fields, &r, &s)
		_, err := NewRecord(r, testNotice(), party, terms, fields, s)
		if !errors.Is(err, ErrIncomplete) || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
	forged := testNotice()
	forged.Text += "。"
	if _, err := NewRecord(r, forged, testParty(), testTerms(), testFields(), given); !errors.Is(err, ErrNoticeBroken) {
		t.Errorf("another text: %v", err)
	}
}

func TestARecordHoldsTheTextWordForWord(t *testing.T) {
	rec := testRecord(t, testReceipt(dbtest.Start), Standing{GivenAt: dbtest.Start})
	if rec.Processing[0].PrivacyNotice.Text != text || rec.NoticeHash != HashText(text) {
		t.Errorf("got %q %s", rec.Processing[0].PrivacyNotice.Text, rec.NoticeHash)
	}
	want := UIProof{
		Via: ViaSheet, Gesture: KindTap, Trigger: "clew-trigger", Trusted: true, Viewport: "390x844",
		FormIssuedAt: "2026-03-02T02:00:00Z", DeviceOpenedAt: "2026-03-02T02:00:10Z", DeviceTickedAt: "2026-03-02T02:00:20Z",
	}
	if rec.UIProof != want {
		t.Errorf("proof %+v\nwant  %+v", rec.UIProof, want)
	}
}

func TestAfterErasureARecordSaysNothingAboutAnyone(t *testing.T) {
	r := testReceipt(dbtest.Start)
	s := Standing{GivenAt: r.At, ErasedAt: r.At.Add(time.Hour), ErasedBy: ByPerson}
	text, err := json.Marshal(testRecord(t, r, s))
	if err != nil {
		t.Fatal(err)
	}
	for _, needle := range []string{r.Lead, r.Gesture.Viewport} {
		if strings.Contains(string(text), needle) {
			t.Errorf("%s is still in %s", needle, text)
		}
	}
	before, err := json.Marshal(testRecord(t, r, Standing{GivenAt: r.At}))
	if err != nil || !strings.Contains(string(before), r.Lead) {
		t.Errorf("the needle was never there: %s, %v", before, err)
	}
}

func TestSignedCopies(t *testing.T) {
	ring, other := seal.TestRing(t), seal.TestRing(t)
	rec := testRecord(t, testReceipt(dbtest.Start), Standing{GivenAt: dbtest.Start})
	signed, err := Sign(ring, rec)
	if err != nil {
		t.Fatal(err)
	}
	got, err := VerifySigned(PublicKeys(ring), signed)
	if err != nil || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", rec) {
		t.Fatalf("%v\n got %+v\nwant %+v", err, got, rec)
	}
	// Whoever only has the published document can verify.
	doc, err := json.Marshal(PublicKeys(ring))
	if err != nil {
		t.Fatal(err)
	}
	var published JWKS
	if err := json.Unmarshal(doc, &published); err != nil {
		t.Fatal(err)
	}
	if _, err := VerifySigned(published, signed); err != nil {
		t.Errorf("with the published keys: %v", err)
	}
	if strings.Contains(string(doc), `"d"`) {
		t.Fatalf("the private key is published: %s", doc)
	}
	for _, want := range []string{`"kty":"OKP"`, `"crv":"Ed25519"`, `"alg":"EdDSA"`, `"use":"sig"`, `"kid"`} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("%s lacks %s", doc, want)
		}
	}
	parts := strings.Split(signed, ".")
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	forged := base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(body), `"accepted":false`, `"accepted":true`, 1)))
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"consent-record+json"}`))
	for name, bad := range map[string]string{
		"nothing": "", "noise": "a.b.c", "changed body": parts[0] + "." + forged + "." + parts[2],
		"no signature": parts[0] + "." + parts[1] + ".", "alg none": none + "." + parts[1] + ".",
		"cut": signed[:len(signed)-2], "huge": strings.Repeat("a", maxSigned+1),
	} {
		if r, err := VerifySigned(PublicKeys(ring), bad); !errors.Is(err, ErrSigned) || r.RecordID != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := VerifySigned(PublicKeys(other), signed); !errors.Is(err, ErrSigned) {
		t.Errorf("another installation's keys: %v", err)
	}
}
