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
	// ExchangeRead and ExchangeEdit are of the credentials of other platforms; what they
	// hold is shown to nobody.
	ExchangeRead Act = "exchange.read"
	ExchangeEdit Act = "exchange.edit"

	// CategoryApply is the operator's side of a category, CategoryDecide the platform's.
	CategoryApply  Act = "category.apply"
	CategoryDecide Act = "category.decide"
	// PaperRead opens a paper that came with an application.
	PaperRead Act = "paper.read"
	// AppKeyEdit adds an app's public key.
	AppKeyEdit  Act = "app_key.edit"
	PrivacyEdit Act = "privacy.edit"

	PeopleRead Act = "people.read"
	PeopleEdit Act = "people.edit"
	KeyEdit    Act = "key.edit" // list, make and revoke API keys, and say what an app's secret allows
	AuditRead  Act = "audit.read"

	// OutboxRead shows messages of the caller's operator; all of them to the platform.
	OutboxRead       Act = "outbox.read"
	CapabilityDecide Act = "capability.decide"
	CapabilityApply  Act = "capability.apply"
	// EligibilityDecide says in which categories leads are collected, and from when on.
	EligibilityDecide Act = "eligibility.decide"
	// FindingRead shows an operator's own findings; all of them to the platform.
	FindingRead      Act = "finding.read"
	InstallationRead Act = "installation.read" // state of the whole installation, no operator's data

	// HostKeyEdit is over the keys of the host app, which issues codes for people
	// who are signed in to it.
	HostKeyEdit Act = "host_key.edit"
	// HandoverIssue is the host app's: it makes a one-time code. HandoverExchange is
	// the operator's own server's: it trades one in.
	HandoverIssue    Act = "handover.issue"
	HandoverExchange Act = "handover.exchange"
	// HostAnswer is the host app's word on a measure it was told to take.
	HostAnswer Act = "host.answer"

	// EventReport counts what happened before a lead, from a server; pages need no right.
	EventReport      Act = "event.report"
	FunnelPolicyEdit Act = "funnel_policy.edit"
	// DistributionRead ranks components of every operator, for the host app.
	DistributionRead Act = "distribution.read"

	// CaseRead shows an operator's own cases as far as it is told of them; all of them
	// to the desks. CaseAnswer is the operator's: defence, proof, appeal.
	CaseRead Act = "case.read"
	// CaseQueue is the desks': the cases of every operator, one after the other.
	CaseQueue   Act = "case.queue"
	CaseAnswer  Act = "case.answer"
	CaseWork    Act = "case.work"
	CaseDecide  Act = "case.decide"
	CaseApprove Act = "case.approve"
	// AppealDecide is never done by who decided; the casework room asks.
	AppealDecide Act = "appeal.decide"
	// ReportTake enters reports of every channel, ReportMake those of the public ones.
	ReportTake Act = "report.take"
	ReportMake Act = "report.make"
	// ReporterReveal opens who reported.
	ReporterReveal Act = "reporter.reveal"
	PolicyRead     Act = "policy.read" // drafts too; what is announced is public
	PolicyEdit     Act = "policy.edit"
	PolicyApprove  Act = "policy.approve"

	LedgerRead Act = "ledger.read"

	// SelfSignIn and SelfEdit are staff acts on their own account.
	SelfSignIn Act = "self.sign_in"
	SelfEdit   Act = "self.edit"
)

type right struct {
	roles  []Role
	scopes Scopes // a key with any of these may
	app    Scopes // an app's own server may, if the app has any of these
	person bool   // a person may, about their own lead: the caller of Do must have proved that it is
	reason bool   // staff, keys and the system must say why; a person need not
}

// desks are the platform's staff, all of whom may look at cases and at the policy.
var desks = []Role{
	RoleAdmin, RoleInspector, RoleReviewer, RoleApprover, RoleAppeals, RolePolicyEditor, RolePolicyApprover, RoleAuditor,
}

// table is who may do what; there is no other place that says so.
var table = map[Act]right{
	LeadList:        {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeRead, app: ScopeRead},
	LeadRead:        {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeRead, person: true},
	LeadCount:       {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst}, scopes: ScopeRead, app: ScopeRead},
	LeadReveal:      {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeReveal, app: ScopeReveal, person: true, reason: true},
	LeadExport:      {roles: []Role{RoleOwner}, scopes: ScopeReveal, reason: true},
	LeadOutcome:     {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeWrite},
	LeadErase:       {roles: []Role{RoleOwner}, scopes: ScopeWrite, person: true, reason: true},
	ConsentWithdraw: {roles: []Role{RoleOwner, RoleAgent}, scopes: ScopeWrite, person: true},

	ComponentRead:    {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst}, scopes: ScopeRead, app: ScopeRead},
	ComponentEdit:    {roles: []Role{RoleOwner}, scopes: ScopeWrite, app: ScopeWrite},
	ComponentPublish: {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	WebhookRead:      {roles: []Role{RoleOwner}, scopes: ScopeRead},
	WebhookEdit:      {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	AppRead:          {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst}, scopes: ScopeRead, app: ScopeRead},
	AppEdit:          {roles: []Role{RoleOwner}, scopes: ScopeWrite, app: ScopeWrite},
	ExchangeRead:     {roles: []Role{RoleOwner}, scopes: ScopeRead},
	ExchangeEdit:     {roles: []Role{RoleOwner}, scopes: ScopeWrite},

	CategoryApply:  {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	CategoryDecide: {roles: []Role{RoleAdmin}},
	PaperRead:      {roles: []Role{RoleOwner, RoleAdmin}},
	AppKeyEdit:     {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	PrivacyEdit:    {roles: []Role{RoleOwner}, scopes: ScopeWrite, app: ScopeWrite},

	PeopleRead: {roles: []Role{RoleOwner, RoleAdmin}},
	PeopleEdit: {roles: []Role{RoleOwner, RoleAdmin}},
	KeyEdit:    {roles: []Role{RoleOwner}},
	AuditRead:  {roles: []Role{RoleOwner, RoleAdmin, RoleAuditor}},

	OutboxRead:        {roles: []Role{RoleOwner, RoleAdmin}},
	CapabilityDecide:  {roles: []Role{RoleAdmin}},
	CapabilityApply:   {roles: []Role{RoleOwner}, scopes: ScopeWrite, app: ScopeWrite},
	EligibilityDecide: {roles: []Role{RoleAdmin}},
	FindingRead:       {roles: []Role{RoleOwner, RoleAgent, RoleAnalyst, RoleAdmin, RoleInspector, RoleReviewer, RoleApprover, RoleAppeals, RoleAuditor}, scopes: ScopeRead},
	InstallationRead:  {roles: []Role{RoleAdmin}},

	HostKeyEdit:      {roles: []Role{RoleAdmin}},
	HandoverIssue:    {scopes: ScopeHost},
	HostAnswer:       {scopes: ScopeHost},
	HandoverExchange: {app: ScopeWrite},

	EventReport:      {scopes: ScopeWrite | ScopeHost, app: ScopeWrite},
	FunnelPolicyEdit: {roles: []Role{RoleOwner}},
	DistributionRead: {roles: []Role{RoleAdmin}, scopes: ScopeHost},

	CaseRead: {roles: []Role{
		RoleOwner, RoleAdmin, RoleInspector, RoleReviewer, RoleApprover, RoleAppeals, RolePolicyEditor, RolePolicyApprover, RoleAuditor,
	}, scopes: ScopeRead},
	CaseQueue:      {roles: desks},
	CaseAnswer:     {roles: []Role{RoleOwner}, scopes: ScopeWrite},
	CaseWork:       {roles: []Role{RoleInspector}},
	CaseDecide:     {roles: []Role{RoleReviewer}},
	CaseApprove:    {roles: []Role{RoleApprover}},
	AppealDecide:   {roles: []Role{RoleAppeals}},
	ReportTake:     {roles: []Role{RoleInspector, RoleAdmin}, scopes: ScopeHost},
	ReportMake:     {person: true},
	ReporterReveal: {roles: []Role{RoleInspector, RoleReviewer}, reason: true},
	PolicyRead:     {roles: desks},
	PolicyEdit:     {roles: []Role{RolePolicyEditor}},
	PolicyApprove:  {roles: []Role{RolePolicyApprover}},

	LedgerRead: {roles: []Role{RoleAdmin, RoleAuditor}},

	SelfSignIn: {roles: Roles()},
	SelfEdit:   {roles: Roles()},
}

// Acts lists every act, in the order of its name.
func Acts() []Act { return slices.Sorted(maps.Keys(table)) }
