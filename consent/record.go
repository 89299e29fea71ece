package consent

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"clew/words"
)

// RecordSchema names the shape of a [Record].
const RecordSchema = "ISO/IEC TS 27560:2023; clew/1"

// Controller is the party that answers for the data: the operator. Its address,
// e-mail and telephone are those it publishes for complaints (PIPL 17).
type Controller struct {
	ID, Name, Address, Contact string // all needed
	Email, URL, Phone          string
	// Type is "organisation" when empty.
	Type string
}

// Terms is what the component's published version promised.
type Terms struct {
	Purpose          string // needed
	Scope            string
	Manner           string // how the data are used
	Benefit          string
	Retention        string // needed: how long, in words
	StorageLocations string // needed, for example "中国大陆"
	// Recipients names third parties with their contact; none means that nobody else
	// receives anything.
	Recipients []string
	// WithdrawalMethod says how, usually the address of the person's page. needed.
	WithdrawalMethod string
	// PrivacyRights says which rights there are and how to use them.
	PrivacyRights string
	// NoticeURL is where the privacy statement stands, if it has an address.
	NoticeURL string
	// Jurisdiction is "CN" when empty.
	Jurisdiction string
}

// FieldInfo is one kind of data asked for, never a value.
type FieldInfo struct {
	ID, Label string
	// Kind is the field's type, such as "phone".
	Kind     string
	Optional bool
	// Sensitive names the category of PIPL 28, if the field has one.
	Sensitive string
}

// Record is a receipt as others can read it: the fields of ISO/IEC TS 27560 under
// their names, and what a Chinese regulator asks besides. It holds no answer of
// the person and no way to reach them.
type Record struct {
	SchemaVersion  string       `json:"schema_version"`
	RecordID       string       `json:"record_id"`
	PIIPrincipalID string       `json:"pii_principal_id"`
	Receipt        ReceiptHead  `json:"receipt"`
	Processing     []Processing `json:"pii_processing"`
	Parties        []Party      `json:"parties"`
	Events         []Event      `json:"events"`

	// Beyond the standard.
	NoticeHash       string   `json:"notice_hash"`
	NoticeVersion    int      `json:"notice_version"`
	ComponentID      string   `json:"component_id"`
	ComponentVersion int      `json:"component_version"`
	ConsentType      string   `json:"consent_type"`
	UIProof          UIProof  `json:"ui_proof"`
	SeparateConsents []Choice `json:"separate_consents"`
	// PolicyVersion is the norm's edition that judged the component.
	PolicyVersion string `json:"policy_version"`
	Test          bool   `json:"test"`
}

// ReceiptHead is the header of the receipt a person keeps.
type ReceiptHead struct {
	SchemaVersion string `json:"schema_version"`
	ReceiptID     string `json:"receipt_id"`
}

// Processing is one purpose with everything the person was told about it.
type Processing struct {
	PrivacyNotice       PrivacyNotice    `json:"privacy_notice"`
	Language            string           `json:"language"`
	Purpose             string           `json:"purpose"`
	PurposeType         string           `json:"purpose_type"`
	LawfulBasis         string           `json:"lawful_basis"`
	PIIInformation      []PIIInformation `json:"pii_information"`
	PIIControllers      []string         `json:"pii_controllers"`
	CollectionMethod    string           `json:"collection_method"`
	ProcessingMethod    string           `json:"processing_method,omitempty"`
	StorageLocations    []string         `json:"storage_locations"`
	RetentionPeriod     string           `json:"retention_period"`
	Service             string           `json:"service,omitempty"`
	Jurisdiction        string           `json:"jurisdiction"`
	RecipientThirdParty []string         `json:"recipient_third_parties"`
	WithdrawalMethod    string           `json:"withdrawal_method"`
	PrivacyRights       string           `json:"privacy_rights,omitempty"`
}

// PrivacyNotice is the text itself, word for word.
type PrivacyNotice struct {
	Text string `json:"text"`
	URL  string `json:"url,omitempty"`
}

// PIIInformation is one kind of data.
type PIIInformation struct {
	PIIType        string `json:"pii_type"`
	PIIAttributeID string `json:"pii_attribute_id"`
	Label          string `json:"label"`
	PIIOptional    bool   `json:"pii_optional"`
	Sensitive      string `json:"sensitive_pii_category,omitempty"`
}

// Party is a controller in the record.
type Party struct {
	PartyID      string `json:"party_id"`
	PartyName    string `json:"party_name"`
	PartyAddress string `json:"party_address"`
	PartyContact string `json:"party_contact"`
	PartyType    string `json:"party_type"`
	PartyRole    string `json:"party_role"`
	PartyEmail   string `json:"party_email,omitempty"`
	PartyURL     string `json:"party_url,omitempty"`
	PartyPhone   string `json:"party_phone,omitempty"`
}

// Event is one step of the consent, oldest first.
type Event struct {
	EventTime        string `json:"event_time"` // RFC 3339, UTC
	ValidityDuration string `json:"validity_duration"`
	EntityID         string `json:"entity_id"`
	EventType        string `json:"event_type"`
	EventState       string `json:"event_state"` // W3C DPV consent status
}

// UIProof is how the consent was given. Times are RFC 3339; those of the device
// are its own claim.
type UIProof struct {
	Via            string `json:"via"`
	Gesture        string `json:"gesture"`
	Trigger        string `json:"trigger,omitempty"`
	Trusted        bool   `json:"trusted"`
	Host           string `json:"host,omitempty"` // the mini-program platform; none in a browser
	BoxDefault     bool   `json:"box_default"`
	Viewport       string `json:"viewport,omitempty"`
	FormIssuedAt   string `json:"form_issued_at"`
	LinkFollowedAt string `json:"link_followed_at,omitempty"`
	DeviceOpenedAt string `json:"device_opened_at,omitempty"`
	DeviceTickedAt string `json:"device_ticked_at,omitempty"`
}

// ErrIncomplete says that a record lacks something the standard makes mandatory;
// the error's text lists what.
var ErrIncomplete = errors.New("record lacks mandatory fields")

// Words that stand where the standard wants a value and there is none.
const (
	nobody      = "none"
	erased      = "erased"
	untilEnd    = "until withdrawn or the retention period ends"
	neverAgain  = "ended"
	purposeLead = "lead follow-up (线索跟进)"
)

// NewRecord writes a receipt out. n must be the notice the receipt names. After
// erasure it says neither whose consent it was nor on what device.
func NewRecord(r Receipt, n Notice, party Controller, terms Terms, fields []FieldInfo, standing Standing) (Record, error) {
	if n.Hash != r.NoticeHash || HashText(n.Text) != n.Hash {
		return Record{}, fmt.Errorf("receipt %s: %w", r.ID, ErrNoticeBroken)
	}
	gone := !standing.ErasedAt.IsZero()
	who := "lead:" + r.Lead
	if gone {
		who = erased
		r.Gesture.Viewport = ""
	}
	rec := Record{
		SchemaVersion: RecordSchema, RecordID: r.ID, PIIPrincipalID: who,
		Receipt: ReceiptHead{RecordSchema, r.Shown()},
		Processing: []Processing{{
			PrivacyNotice: PrivacyNotice{Text: n.Text, URL: terms.NoticeURL},
			Language:      tag(r.Lang), Purpose: terms.Purpose, PurposeType: purposeLead,
			LawfulBasis: "consent (PIPL 13.1(1))", PIIControllers: []string{party.ID},
			CollectionMethod: "typed by the person into a lead component", ProcessingMethod: terms.Manner,
			StorageLocations: nonEmpty(terms.StorageLocations), RetentionPeriod: terms.Retention,
			Service: joined(terms.Scope, terms.Benefit), Jurisdiction: orElse(terms.Jurisdiction, "CN"),
			RecipientThirdParty: terms.Recipients, WithdrawalMethod: terms.WithdrawalMethod, PrivacyRights: terms.PrivacyRights,
		}},
		Parties: []Party{{
			PartyID: party.ID, PartyName: party.Name, PartyAddress: party.Address, PartyContact: party.Contact,
			PartyType: orElse(party.Type, "organisation"), PartyRole: "controller",
			PartyEmail: party.Email, PartyURL: party.URL, PartyPhone: party.Phone,
		}},
		Events:     events(standing, who),
		NoticeHash: r.NoticeHash, NoticeVersion: r.NoticeVersion,
		ComponentID: r.Component, ComponentVersion: r.ComponentVersion, ConsentType: "ExplicitlyExpressedConsent",
		UIProof: UIProof{
			Via: r.Form.Via, Gesture: r.Gesture.Kind, Trigger: orElse(r.Gesture.Trigger, r.Form.Trigger),
			Trusted: r.Gesture.Trusted, Host: r.Gesture.Host, BoxDefault: r.Gesture.BoxDefault, Viewport: r.Gesture.Viewport,
			FormIssuedAt: stamp(r.Form.IssuedAt), LinkFollowedAt: stamp(r.Form.TriggeredAt),
			DeviceOpenedAt: stamp(r.Gesture.OpenedAt), DeviceTickedAt: stamp(r.Gesture.TickedAt),
		},
		SeparateConsents: r.Choices, PolicyVersion: r.Edition, Test: r.Test,
	}
	p := &rec.Processing[0]
	if len(p.RecipientThirdParty) == 0 {
		p.RecipientThirdParty = []string{nobody}
	}
	for _, f := range fields {
		p.PIIInformation = append(p.PIIInformation, PIIInformation{
			PIIType: f.Kind, PIIAttributeID: f.ID, Label: f.Label, PIIOptional: f.Optional, Sensitive: f.Sensitive,
		})
	}
	if missing := rec.missing(); len(missing) > 0 {
		return Record{}, fmt.Errorf("receipt %s: %w: %s", r.ID, ErrIncomplete, strings.Join(missing, ", "))
	}
	return rec, nil
}

func events(s Standing, who string) []Event {
	rfc := func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
	out := []Event{{rfc(s.GivenAt), untilEnd, who, "consent given", "ConsentGiven"}}
	if !s.WithdrawnAt.IsZero() {
		out = append(out, Event{rfc(s.WithdrawnAt), neverAgain, author(s.WithdrawnBy, who), "consent withdrawn", "ConsentWithdrawn"})
	}
	if !s.ErasedAt.IsZero() {
		out = append(out, Event{rfc(s.ErasedAt), neverAgain, author(s.ErasedBy, who), "data erased", "ConsentWithdrawn"})
	}
	return out
}

func author(by, who string) string {
	if by == ByPerson {
		return who
	}
	return by
}

// missing lists the standard's mandatory fields that are empty.
func (r *Record) missing() []string {
	var out []string
	need := func(name, value string) {
		if strings.TrimSpace(value) == "" {
			out = append(out, name)
		}
	}
	need("record id", r.RecordID)
	need("pii principal id", strings.TrimPrefix(r.PIIPrincipalID, "lead:"))
	need("receipt id", r.Receipt.ReceiptID)
	for _, p := range r.Processing {
		need("privacy notice", p.PrivacyNotice.Text)
		need("language", p.Language)
		need("purpose", p.Purpose)
		need("storage locations", strings.Join(p.StorageLocations, ""))
		need("retention period", p.RetentionPeriod)
		need("withdrawal method", p.WithdrawalMethod)
		if len(p.PIIInformation) == 0 {
			out = append(out, "pii information")
		}
		for _, i := range p.PIIInformation {
			need("pii type", i.PIIType)
		}
		for _, recipient := range p.RecipientThirdParty {
			need("recipient third parties", recipient)
		}
	}
	for _, p := range r.Parties {
		need("party id", p.PartyID)
		need("party name", p.PartyName)
		need("party address", p.PartyAddress)
		need("party contact", p.PartyContact)
	}
	for _, e := range r.Events {
		need("entity id", e.EntityID)
	}
	need("notice hash", r.NoticeHash)
	need("policy version", r.PolicyVersion)
	if len(r.SeparateConsents) == 0 {
		out = append(out, "separate consents")
	}
	if len(r.Events) > 0 && strings.HasPrefix(r.Events[0].EventTime, "0001") {
		out = append(out, "event time")
	}
	return out
}

func tag(l words.Lang) string {
	if l == "" {
		return ""
	}
	return l.BCP47()
}

func stamp(ms int64) string {
	if ms <= 0 {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format(time.RFC3339Nano)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, "; ")
}
