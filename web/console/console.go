// Package console keeps one promise: whatever staff may do, they can see and do on
// a page that works without script, and what they may not do they are told.
//
// Pages come from the server. Every change is a POST that ends in a redirect; the
// exceptions are those that answer with personal data (a lead in the clear, an
// export), which must not travel in a cookie or a URL. Nothing here decides:
// rooms check the caller and record; pages ask the same table what to offer.
package console

import (
	"log/slog"
	"net/http"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/diagnosis"
	"clew/exchange"
	"clew/funnel"
	"clew/lead"
	"clew/outbox"
	"clew/phone"
	"clew/policy"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/webhook"
)

// Console is the staff's side. All rooms are needed; SMS and Inbox are nil in
// production.
type Console struct {
	DB         *db.DB
	Ring       *seal.Ring
	Access     *access.Room
	Apps       *app.Room
	Capability *capability.Room
	Components *component.Room
	Casework   *casework.Room
	Policies   *policy.Room
	Leads      *lead.Room
	Rights     *rights.Room
	Webhooks   *webhook.Room
	Exchange   *exchange.Room
	Diagnosis  *diagnosis.Room
	Outbox     *outbox.Room
	Funnel     *funnel.Room
	// SMS lists what the development SMS driver "sent".
	SMS func() []phone.LogMessage
	// Inbox is the development receiver of webhooks.
	Inbox *webhook.Inbox
	// BaseURL is the site's own origin, without a slash at the end; https makes
	// cookies secure.
	BaseURL string
	// Dev says so in the frame.
	Dev bool
	// StepUp is how old a sign-in may be for revealing, exporting, letting people in, making keys and sealed
	// endpoints;
	// zero means five minutes.
	StepUp time.Duration
	// Proxies are believed about the client's address.
	Proxies web.Proxies
	// Limits bounds how fast one address may try to sign in; nil bounds nothing.
	Limits *web.Limits
	Log    *slog.Logger
}

// Routes adds the console's pages to mux. The list is the table of contents.
func (c *Console) Routes(mux *http.ServeMux) {
	r := &routes{c: c, mux: mux, guard: http.NewCrossOriginProtection(), assets: newAssets()}

	r.files()

	r.open("GET /console/sign-in", c.signInPage)
	r.open("POST /console/sign-in", c.signIn)
	r.open("POST /console/sign-in/passkey/begin", c.passkeySignInBegin)
	r.open("POST /console/sign-in/passkey", c.passkeySignIn)
	r.open("GET /console/link/{token}", c.linkPage)
	r.open("POST /console/link/{token}", c.link)

	r.staff("GET /console/account", access.SelfEdit, c.account)
	r.staff("POST /console/account/password", access.SelfEdit, c.setPassword)
	r.staff("POST /console/account/code", access.SelfEdit, c.beginCode)
	r.staff("POST /console/account/code/confirm", access.SelfEdit, c.confirmCode)
	r.staff("POST /console/account/recovery", access.SelfEdit, c.recoveryCodes)
	r.staff("POST /console/account/passkey/begin", access.SelfEdit, c.passkeyBegin)
	r.staff("POST /console/account/passkey", access.SelfEdit, c.addPasskey)
	r.staff("POST /console/account/passkey/{id}/remove", access.SelfEdit, c.removePasskey)
	r.staff("POST /console/account/sessions/{id}/end", access.SelfEdit, c.endSession)
	r.staff("GET /console/step-up", access.SelfEdit, c.stepUpPage)
	r.staff("POST /console/step-up", access.SelfEdit, c.stepUp)
	r.staff("POST /console/step-up/passkey/begin", access.SelfEdit, c.passkeyStepUpBegin)
	r.staff("POST /console/step-up/passkey", access.SelfEdit, c.passkeyStepUp)
	r.staff("POST /console/sign-out", access.SelfSignIn, c.signOut)

	r.staff("GET /console/{$}", access.SelfSignIn, c.overview)

	r.staff("GET /console/leads", access.LeadCount, c.leads)
	r.staff("GET /console/leads/export", access.LeadList, c.exportPage)
	r.staff("POST /console/leads/export", access.LeadList, c.export)
	r.staff("GET /console/leads/{id}", access.LeadRead, c.lead)
	r.staff("POST /console/leads/{id}/reveal", access.LeadReveal, c.reveal)
	r.staff("POST /console/leads/{id}/outcome", access.LeadOutcome, c.outcome)
	r.staff("POST /console/leads/{id}/erase", access.LeadErase, c.erase)
	r.staff("GET /console/leads/{id}/receipt.json", access.LeadRead, c.receiptRecord)

	r.staff("GET /console/funnel", access.LeadCount, c.funnel)
	r.staff("GET /console/funnel/fresh", access.LeadCount, c.funnelFresh)
	r.staff("GET /console/funnel/policy", access.LeadCount, c.policy)
	r.staff("POST /console/funnel/policy", access.FunnelPolicyEdit, c.setPolicy)

	r.staff("GET /console/components", access.ComponentRead, c.components)
	r.staff("POST /console/components", access.ComponentEdit, c.createComponent)
	r.staff("GET /console/components/{id}", access.ComponentRead, c.component)
	r.staff("GET /console/components/{id}/edit", access.ComponentEdit, c.editor)
	r.staff("POST /console/components/{id}/edit", access.ComponentEdit, c.saveDraft)
	r.staff("POST /console/components/{id}/check", access.ComponentRead, c.checkDraft)
	r.staff("GET /console/components/{id}/preview", access.ComponentRead, c.preview)
	r.staff("POST /console/components/{id}/preview", access.ComponentRead, c.previewDraft)
	r.staff("POST /console/components/{id}/publish", access.ComponentPublish, c.publish)
	r.staff("POST /console/components/{id}/unpublish", access.ComponentPublish, c.unpublish)
	r.staff("GET /console/components/{id}/versions/{n}", access.ComponentRead, c.componentVersion)

	r.staff("GET /console/components/{id}/targets/new", access.ComponentEdit, c.newTarget)
	r.staff("POST /console/components/{id}/targets", access.ComponentEdit, c.saveTarget)
	r.staff("GET /console/components/{id}/targets/{config}", access.ComponentEdit, c.editTarget)
	r.staff("POST /console/components/{id}/targets/{config}", access.ComponentEdit, c.saveTarget)
	r.staff("POST /console/components/{id}/targets/{config}/delete", access.ComponentEdit, c.deleteTarget)
	r.staff("GET /console/places", access.ComponentRead, c.places)

	r.staff("GET /console/apps", access.AppRead, c.apps)
	r.staff("GET /console/apps/{id}", access.AppRead, c.app)
	r.staff("POST /console/apps/{id}/capability", access.CapabilityApply, c.applyCapability)
	r.staff("GET /console/apps/{id}/category", access.CategoryApply, c.applyPage)
	r.upload("POST /console/apps/{id}/category", access.CategoryApply, c.applyCategory)
	r.staff("POST /console/apps/{id}/main", access.CategoryApply, c.setMain)
	r.staff("GET /console/apps/{id}/papers/{paper}", access.PaperRead, c.paper)
	r.staff("GET /console/apps/{id}/privacy", access.AppRead, c.privacy)
	r.staff("POST /console/apps/{id}/privacy", access.PrivacyEdit, c.setPrivacy)
	r.staff("GET /console/apps/{id}/keys", access.AppRead, c.appKeys)
	r.upload("POST /console/apps/{id}/keys", access.AppKeyEdit, c.addAppKey)
	r.staff("GET /console/apps/{id}/secret", access.AppRead, c.appSecret)
	r.staff("POST /console/apps/{id}/secret", access.KeyEdit, c.newAppSecret)
	r.staff("POST /console/apps/{id}/rights", access.KeyEdit, c.setAppRights)
	r.staff("GET /console/apps/{id}/sites", access.AppRead, c.sites)
	r.staff("POST /console/apps/{id}/sites", access.AppEdit, c.setOrigins)

	r.staff("GET /console/webhooks", access.WebhookRead, c.webhooks)
	r.staff("POST /console/webhooks", access.WebhookEdit, c.createEndpoint)
	r.staff("GET /console/webhooks/{id}", access.WebhookRead, c.endpoint)
	r.staff("POST /console/webhooks/{id}/edit", access.WebhookEdit, c.editEndpoint)
	r.staff("POST /console/webhooks/{id}/rotate", access.WebhookEdit, c.rotateSecret)
	r.staff("POST /console/webhooks/{id}/delete", access.WebhookEdit, c.deleteEndpoint)
	r.staff("POST /console/webhooks/{id}/test", access.WebhookEdit, c.testEndpoint)
	r.staff("POST /console/webhooks/{id}/replay", access.WebhookEdit, c.replayDeliveries)
	r.staff("GET /console/deliveries/{id}", access.WebhookRead, c.delivery)
	r.staff("POST /console/deliveries/{id}/replay", access.WebhookEdit, c.replayDelivery)

	r.staff("GET /console/exchange", access.AppRead, c.exchange)
	r.staff("POST /console/exchange", access.ExchangeEdit, c.putCredential)
	r.staff("POST /console/exchange/{app}/{platform}/{version}/end", access.ExchangeEdit, c.endCredential)

	r.staff("GET /console/people", access.PeopleRead, c.people)
	r.staff("POST /console/people", access.PeopleEdit, c.invite)
	r.staff("POST /console/people/{id}/role", access.PeopleEdit, c.setRole)
	r.staff("POST /console/people/{id}/disable", access.PeopleEdit, c.disableStaff)
	r.staff("POST /console/people/{id}/link", access.PeopleEdit, c.newLink)
	r.staff("POST /console/keys", access.KeyEdit, c.createKey)
	r.staff("POST /console/keys/{id}/revoke", access.KeyEdit, c.revokeKey)

	r.staff("GET /console/outbox", access.OutboxRead, c.outbox)
	r.staff("POST /console/outbox/{id}/replay", access.OutboxRead, c.replayMessage)
	r.staff("GET /console/audit", access.AuditRead, c.audit)

	r.staff("GET /console/platform", access.CapabilityDecide, c.platform)
	r.staff("GET /console/platform/{operator}/{app}", access.CapabilityDecide, c.platformApp)
	r.staff("POST /console/platform/{operator}/{app}/capability", access.CapabilityDecide, c.decide)
	r.staff("GET /console/platform/{operator}/{app}/category", access.CategoryDecide, c.platformCategory)
	r.staff("POST /console/platform/{operator}/{app}/category", access.CategoryDecide, c.decideCategory)
	r.staff("GET /console/platform/{operator}/{id}/papers/{paper}", access.PaperRead, c.paper)
	r.staff("GET /console/platform/queue", access.CapabilityDecide, c.queue)
	r.staff("GET /console/platform/eligibility", access.EligibilityDecide, c.eligibility)
	r.staff("POST /console/platform/eligibility/basis", access.EligibilityDecide, c.setBasis)
	r.staff("GET /console/platform/eligibility/category", access.EligibilityDecide, c.opening)
	r.staff("POST /console/platform/eligibility/category", access.EligibilityDecide, c.setOpen)
	r.staff("GET /console/platform/mandatory", access.CapabilityDecide, c.mandatory)
	r.staff("GET /console/platform/findings", access.CapabilityDecide, c.findings)
	r.staff("GET /console/platform/findings/{id}", access.CapabilityDecide, c.finding)

	c.myCaseRoutes(r)
	r.staff("GET /console/cases", access.CaseQueue, c.cases)
	r.staff("GET /console/cases/report", access.ReportTake, c.newReport)
	r.staff("POST /console/cases/report", access.ReportTake, c.takeReport)
	r.staff("GET /console/cases/{id}", access.CaseQueue, c.caseOf)
	c.caseForms(r)
	r.staff("GET /console/cases/{id}/print", access.CaseQueue, c.casePrint)
	r.staff("GET /console/cases/{id}/proof/{entry}", access.CaseQueue, c.caseProof)
	r.staff("GET /console/cases/{id}/decisions/{decision}", access.CaseQueue, c.statement)
	r.staff("GET /console/cases/{id}/decisions/{decision}/dsa.json", access.CaseQueue, c.dsa)
	r.staff("GET /console/appeals", access.CaseQueue, c.appeals)

	r.staff("GET /console/policy", access.PolicyRead, c.policies)
	r.staff("GET /console/policy/new", access.PolicyEdit, c.newEdition)
	r.staff("POST /console/policy/new", access.PolicyEdit, c.saveEdition)
	r.staff("GET /console/policy/{hash}", access.PolicyRead, c.edition)
	r.staff("GET /console/policy/{hash}/text", access.PolicyRead, c.editionText)
	r.staff("POST /console/policy/{hash}/announce", access.PolicyApprove, c.announce)
	r.staff("POST /console/policy/{hash}/drop", access.PolicyApprove, c.dropEdition)
	r.staff("GET /console/ledger", access.LedgerRead, c.ledgerState)

	r.staff("GET /console/installation", access.InstallationRead, c.installation)

	if c.Inbox != nil {
		r.open("GET /dev/inbox", c.inbox)
		mux.Handle("POST /dev/inbox", c.Inbox)
	}
	r.rest()
}
