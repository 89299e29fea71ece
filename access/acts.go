package access

import (
	"maps"
	"slices"
)

// Act is something a caller may want to do, "noun.verb".
type Act string

// Every act there is.
const (
	// LeadList and LeadRead show leads with personal fields masked.
	LeadList Act = "lead.list"
	LeadRead Act = "lead.read"
	// LeadCount shows numbers that contain no person.
	LeadCount   Act = "lead.count"
	LeadReveal  Act = "lead.reveal" // one lead in the clear
	LeadExport  Act = "lead.export" // many leads in the clear
	LeadOutcome Act = "lead.outcome"
	LeadErase   Act = "lead.erase"
	// ConsentWithdraw ends a consent, by the person or handed on for them.
	ConsentWithdraw Act = "consent.withdraw"

	ComponentRead    Act = "component.read"
	ComponentEdit    Act = "component.edit"
	ComponentPublish Act = "component.publish"
	WebhookRead      Act = "webhook.read"
	WebhookEdit      Act = "webhook.edit"
	// AppRead and AppEdit are of an operator's own apps; the platform's staff see
	// apps by CapabilityDecide.
	AppRead Act = "app.read"
	AppEdit Act = "app.edit"

	PeopleRead Act = "people.read"
	PeopleEdit Act = "people.edit"
	KeyEdit    Act = "key.edit" // list, make and revoke API keys
	AuditRead  Act = "audit.read"

	// OutboxRead shows messages of the caller's operator; all of them to the platform.
	OutboxRead       Act = "outbox.read"
	CapabilityDecide Act = "capability.decide"
	InstallationRead Act = "installation.read" // state of the whole installation, no operator's data

	// SelfSignIn and SelfEdit are staff acts on their own account.
	SelfSignIn Act = "self.sign_in"
	SelfEdit   Act = "self.edit"
)

type right struct {
	roles  []Role
	scopes Scopes // a key with any of these may
	person bool   // a person may, about their own lead: the caller of Do must have proved that it is
	reason bool   // staff, keys and the system must say why; a person need not
}

// table is who may do what; there is no other place that says so.
var table = map[Act]right{
	LeadList:        {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeRead},
	LeadRead:        {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeRead, person: true},
	LeadCount:       {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst}, scopes: ScopeRead},
	LeadReveal:      {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeReveal, person: true, reason: true},
	LeadExport:      {roles: []Role{RoleOwner}, scopes: ScopeReveal, reason: true},
	LeadOutcome:     {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeWrite},
	LeadErase:       {roles: []Role{RoleOwner}, scopes: ScopeWrite, person: true, reason: true},
	ConsentWithdraw: {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeWrite, person: true},

	ComponentRead:    {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst}, scopes: ScopeRead},
	ComponentEdit:    {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	ComponentPublish: {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	WebhookRead:      {roles: []Role{RoleOwner}, scopes: ScopeRead},
	WebhookEdit:      {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	AppRead:          {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst}, scopes: ScopeRead},
	AppEdit:          {roles: []Role{RoleOwner}, scopes: ScopeWrite},

	PeopleRead: {roles: []Role{RoleOwner, RoleAdmin}},
	PeopleEdit: {roles: []Role{RoleOwner, RoleAdmin}},
	KeyEdit:    {roles: []Role{RoleOwner}},
	AuditRead:  {roles: []Role{RoleOwner, RoleAdmin}},

	OutboxRead:       {roles: []Role{RoleOwner, RoleAdmin}},
	CapabilityDecide: {roles: []Role{RoleAdmin}},
	InstallationRead: {roles: []Role{RoleAdmin}},

	SelfSignIn: {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst, RoleAdmin}},
	SelfEdit:   {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst, RoleAdmin}},
}

// Acts lists every act, in the order of its name.
func Acts() []Act { return slices.Sorted(maps.Keys(table)) }
