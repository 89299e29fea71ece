// Package web keeps one promise: what a room refuses, a reader understands: the
// same problem, code and words whether it is asked for as JSON or as a page.
//
// It holds what the edges below it share. No business rule lives here.
package web

import (
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/diagnosis"
	"clew/distribution"
	"clew/exchange"
	"clew/funnel"
	"clew/handover"
	"clew/lead"
	"clew/phone"
	"clew/policy"
	"clew/region"
	"clew/rights"
	"clew/seal"
	"clew/webhook"
	"clew/words"
)

// Problem is an error as readers get it (RFC 9457). It never holds a value that
// somebody entered.
type Problem struct {
	Type   string `json:"type"` // "about:blank" always; Code says which problem it is
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Code is stable: programs may depend on it.
	Code string `json:"code"`
	// Case is the platform's case number, where a decision is the cause.
	Case string `json:"case,omitempty"`
	// Errors lists everything wrong with the parts of a request.
	Errors    []FieldError `json:"errors,omitempty"`
	RequestID string       `json:"request_id,omitempty"`

	RetryAfter time.Duration `json:"-"`
}

// FieldError is what is wrong with one part of a request.
type FieldError struct {
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (p Problem) Error() string { return p.Code }

// GetStatus is what huma asks of errors.
func (p Problem) GetStatus() int { return p.Status }

// ContentType is what huma asks of errors.
func (p Problem) ContentType(string) string { return "application/problem+json" }

// statuses gives every problem code its HTTP status. A code stands here and in
// words (problem.CODE.title and .detail); a test holds the two together, and the
// API document and docs/api-problems.md are made from it.
var statuses = map[string]int{
	"not_found":              http.StatusNotFound,
	"method_not_allowed":     http.StatusMethodNotAllowed,
	"unauthorized":           http.StatusUnauthorized,
	"sign_in_failed":         http.StatusUnauthorized,
	"sign_in_locked":         http.StatusTooManyRequests,
	"link_ended":             http.StatusGone,
	"ceremony_ended":         http.StatusConflict,
	"passkeys_off":           http.StatusConflict,
	"only_way_in":            http.StatusConflict,
	"last_owner":             http.StatusConflict,
	"key_limit":              http.StatusConflict,
	"forbidden":              http.StatusForbidden,
	"step_up_needed":         http.StatusForbidden,
	"origin_not_allowed":     http.StatusForbidden,
	"body_too_large":         http.StatusRequestEntityTooLarge,
	"media_type":             http.StatusUnsupportedMediaType,
	"bad_request":            http.StatusBadRequest,
	"invalid":                http.StatusUnprocessableEntity,
	"component_unknown":      http.StatusNotFound,
	"component_unpublished":  http.StatusGone,
	"definition_malformed":   http.StatusUnprocessableEntity,
	"component_not_ready":    http.StatusUnprocessableEntity,
	"stale":                  http.StatusConflict,
	"capability_not_granted": http.StatusForbidden,
	"capability_suspended":   http.StatusForbidden,
	"capability_withdrawn":   http.StatusForbidden,
	"category_lapsed":        http.StatusForbidden,
	"capability_step":        http.StatusConflict,
	"capability_unmet":       http.StatusUnprocessableEntity,
	"category_not_open":      http.StatusUnprocessableEntity,
	"category_missing":       http.StatusUnprocessableEntity,
	"papers_invalid":         http.StatusUnprocessableEntity,
	"app_key_invalid":        http.StatusUnprocessableEntity,
	"app_key_missing":        http.StatusConflict,
	"privacy_invalid":        http.StatusUnprocessableEntity,
	"eligibility_invalid":    http.StatusUnprocessableEntity,
	"component_invalid":      http.StatusForbidden,
	"component_none":         http.StatusNotFound,
	"case_step":              http.StatusConflict,
	"decision_invalid":       http.StatusUnprocessableEntity,
	"report_invalid":         http.StatusUnprocessableEntity,
	"appeal_late":            http.StatusGone,
	"two_people":             http.StatusForbidden,
	"own_decision":           http.StatusForbidden,
	"edition_invalid":        http.StatusUnprocessableEntity,
	"edition_too_soon":       http.StatusUnprocessableEntity,
	"purpose_refused":        http.StatusForbidden,
	"target_invalid":         http.StatusUnprocessableEntity,
	"consent_missing":        http.StatusUnprocessableEntity,
	"consent_refused":        http.StatusUnprocessableEntity,
	"choice_unknown":         http.StatusUnprocessableEntity,
	"notice_stale":           http.StatusConflict,
	"gesture_missing":        http.StatusUnprocessableEntity,
	"gesture_order":          http.StatusUnprocessableEntity,
	"box_preticked":          http.StatusUnprocessableEntity,
	"form_expired":           http.StatusConflict,
	"form_forged":            http.StatusUnprocessableEntity,
	"answers_invalid":        http.StatusUnprocessableEntity,
	"phone_grant_failed":     http.StatusUnprocessableEntity,
	"credential_invalid":     http.StatusUnprocessableEntity,
	"credential_too_many":    http.StatusConflict,
	"event_signature":        http.StatusUnauthorized,
	"event_invalid":          http.StatusBadRequest,
	"idempotency_key":        http.StatusBadRequest,
	"idempotency_reused":     http.StatusConflict,
	"resend_too_soon":        http.StatusTooManyRequests,
	"capped":                 http.StatusTooManyRequests,
	"too_many_requests":      http.StatusTooManyRequests,
	"puzzle_unsolved":        http.StatusUnprocessableEntity,
	"sms_unavailable":        http.StatusServiceUnavailable,
	"reason_needed":          http.StatusUnprocessableEntity,
	"outcome_invalid":        http.StatusUnprocessableEntity,
	"erased":                 http.StatusGone,
	"consent_withdrawn":      http.StatusForbidden,
	"cursor":                 http.StatusBadRequest,
	"webhook_invalid":        http.StatusUnprocessableEntity,
	"webhook_too_many":       http.StatusConflict,
	"webhook_disabled":       http.StatusConflict,
	"events_invalid":         http.StatusUnprocessableEntity,
	"policy_invalid":         http.StatusUnprocessableEntity,
	"report_range":           http.StatusUnprocessableEntity,
	"unavailable":            http.StatusServiceUnavailable,
	"internal":               http.StatusInternalServerError,
}

// Codes is every problem code with its status.
func Codes() map[string]int { return statuses }

// New is a problem of a known code; detail words may take {names}.
func New(lang words.Lang, code string, args ...any) Problem {
	status, ok := statuses[code]
	if !ok {
		panic("web: unknown problem code " + code)
	}
	return Problem{
		Type: "about:blank", Code: code, Status: status,
		Title:  words.T(lang, "problem."+code+".title", args...),
		Detail: words.T(lang, "problem."+code+".detail", args...),
	}
}

// ProblemFor turns a room's error into what people may read. What no room meant
// for readers becomes "internal", and is for the log.
func ProblemFor(err error, lang words.Lang) Problem {
	var (
		known    Problem
		denied   *access.Denied
		locked   *access.Locked
		entry    *access.Invalid
		closed   *capability.Closed
		unproven *consent.Unproven
		invalid  *lead.BadAnswers
		outcome  *lead.BadOutcome
		notReady *component.NotReady
		step     *capability.BadStep
		why      *capability.BadReason
		move     *app.BadStep
		origin   *app.BadOrigin
		tooSoon  *phone.ResendTooSoon
		capped   *phone.Capped
		endpoint *webhook.Invalid
		badDef   *component.BadDefinition
		unmet    *capability.Unmet
		rule     *capability.BadRule
		papers   *app.BadPapers
		pubKey   *app.BadKey
		privacy  *app.BadPrivacy
		target   *component.BadTarget
		misused  *handover.Misused
		events   *funnel.BadEvents
		rules    *funnel.BadPolicy
		ranking  *distribution.BadQuery
		grant    *exchange.BadGrant
		failed   *exchange.Failed
		cred     *exchange.BadCredential
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &denied):
		return New(lang, "forbidden", "role", roleName(lang, denied.Role))
	case errors.As(err, &locked):
		p := New(lang, "sign_in_locked", "time", clock(locked.Until))
		// No lock lasts longer; a clock that jumped must not send anybody away for a day.
		p.RetryAfter = min(max(time.Until(locked.Until), time.Second), longestLock)
		return p
	case errors.As(err, &entry):
		return badEntry(entry, lang)
	case errors.As(err, &closed):
		p := New(lang, closedCode[closed.Code], "reason", closed.Reason, "case", closed.Case)
		p.Case = closed.Case
		return p
	case errors.As(err, &unproven):
		return New(lang, unproven.Code)
	case errors.As(err, &invalid):
		p := New(lang, "answers_invalid", "n", len(invalid.Problems))
		for _, e := range invalid.Problems {
			message := e.Message
			if message == "" {
				message = words.T(lang, "problem.field."+e.Code)
			}
			p.Errors = append(p.Errors, FieldError{e.Field, e.Code, message})
		}
		return p
	case errors.As(err, &outcome):
		p := New(lang, "outcome_invalid")
		p.Errors = []FieldError{{"outcome", outcome.Code, words.T(lang, "problem.outcome."+outcome.Code)}}
		return p
	case errors.As(err, &notReady):
		var errs []FieldError
		for _, s := range notReady.Shortfalls {
			if s.Verdict != component.Violation {
				continue
			}
			errs = append(errs, FieldError{s.Path, s.Code, "[" + s.Clause + "] " + s.Message[lang] + " " + s.Fix[lang]})
		}
		p := New(lang, "component_not_ready", "n", len(errs))
		p.Errors = errs
		return p
	case errors.As(err, &badDef):
		p := New(lang, "definition_malformed")
		p.Errors = []FieldError{{badDef.Path, "definition", badDef.Error()}}
		return p
	case errors.As(err, &why):
		p := New(lang, "reason_needed")
		p.Detail = words.T(lang, "problem.capability.reason")
		p.Errors = []FieldError{{"reason", why.Code, words.T(lang, "problem.capability.reason."+why.Code)}}
		return p
	case errors.As(err, &step), errors.As(err, &move):
		return New(lang, "capability_step")
	case errors.As(err, &origin):
		return invalidField(lang, "origins", "origin", "problem.field.origin")
	case errors.As(err, &unmet):
		p := New(lang, "capability_unmet", "n", len(unmet.Conditions))
		for _, c := range unmet.Conditions {
			p.Errors = append(p.Errors, FieldError{"conditions", c.ID, words.T(lang, "condition."+c.ID+".meet", c.Args...)})
		}
		return p
	case errors.As(err, &rule):
		p := New(lang, "eligibility_invalid")
		p.Errors = []FieldError{{"rule", rule.Code, words.T(lang, "problem.eligibility."+rule.Code)}}
		return p
	case errors.As(err, &papers):
		p := New(lang, "papers_invalid", "most", app.MaxPapers, "mb", app.MaxPaper>>20)
		for _, e := range papers.Problems {
			field := "papers"
			if e.Index >= 0 {
				field += "." + strconv.Itoa(e.Index)
			}
			p.Errors = append(p.Errors, FieldError{field, e.Code, words.T(lang, "problem.paper."+e.Code, "n", e.Index+1, "most", app.MaxPapers, "mb", app.MaxPaper>>20)})
		}
		return p
	case errors.As(err, &pubKey):
		p := New(lang, "app_key_invalid")
		p.Errors = []FieldError{{"key", pubKey.Code, words.T(lang, "problem.app_key."+pubKey.Code,
			"bits", pubKey.Bits, "least", app.MinKeyBits, "most", app.MaxKeyBits)}}
		return p
	case errors.As(err, &privacy):
		p := New(lang, "privacy_invalid")
		for _, e := range privacy.Problems {
			p.Errors = append(p.Errors, FieldError{e.Field, e.Code, words.T(lang, "problem.privacy."+e.Code)})
		}
		return p
	case errors.As(err, &target):
		p := New(lang, "target_invalid")
		for _, e := range target.Problems {
			p.Errors = append(p.Errors, FieldError{e.Field, e.Code, targetWords(lang, e)})
		}
		return p
	case errors.As(err, &misused):
		return New(lang, "purpose_refused")
	case errors.As(err, &grant):
		return invalidField(lang, "phone_grant."+grant.Field, grant.Code, "problem.grant."+grant.Code)
	case errors.As(err, &failed):
		p := New(lang, "phone_grant_failed")
		p.Errors = []FieldError{{"phone_grant", string(failed.Reason), words.T(lang, "problem.grant."+string(failed.Reason))}}
		return p
	case errors.As(err, &cred):
		p := New(lang, "credential_invalid")
		for _, e := range cred.Problems {
			p.Errors = append(p.Errors, FieldError{e.Field, e.Code, words.T(lang, "problem.credential."+e.Field+"."+e.Code)})
		}
		return p
	case errors.As(err, &tooSoon):
		p := New(lang, "resend_too_soon", "time", clock(tooSoon.At))
		p.RetryAfter = time.Minute
		return p
	case errors.As(err, &capped):
		p := New(lang, "capped")
		p.RetryAfter = capped.RetryAfter
		return p
	case errors.As(err, &endpoint):
		p := New(lang, "webhook_invalid")
		for _, e := range endpoint.Problems {
			message := e.Message
			if key := "problem.webhook." + e.Field + "." + e.Code; words.Has(key) {
				message = words.T(lang, key)
			}
			p.Errors = append(p.Errors, FieldError{e.Field, e.Code, message})
		}
		return p
	case errors.As(err, &events):
		p := New(lang, "events_invalid", "n", len(events.Events))
		for _, e := range events.Events[:min(len(events.Events), 100)] {
			p.Errors = append(p.Errors, FieldError{"events." + strconv.Itoa(e.Index) + "." + e.Field, e.Code, words.T(lang, "problem.event."+e.Code)})
		}
		return p
	case errors.As(err, &ranking):
		return invalidField(lang, ranking.Field, ranking.Code, "problem.distribution."+ranking.Code)
	case errors.As(err, &rules):
		p := New(lang, "policy_invalid")
		p.Errors = []FieldError{{rules.Field, rules.Code, words.T(lang, "problem.policy."+rules.Code)}}
		return p
	case errors.As(err, &tooLarge):
		return New(lang, "body_too_large", "bytes", tooLarge.Limit)
	}
	if p, ok := caseProblem(err, lang); ok {
		return p
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			return New(lang, s.code)
		}
	}
	for _, f := range fields {
		if errors.Is(err, f.err) {
			return invalidField(lang, f.field, f.code, "problem.field."+f.code)
		}
	}
	if db.IsUnavailable(err) {
		p := New(lang, "unavailable")
		p.RetryAfter = 5 * time.Second
		return p
	}
	return New(lang, "internal")
}

const longestLock = 15 * time.Minute

// badEntry is what access refused of something that staff entered.
func badEntry(e *access.Invalid, lang words.Lang) Problem {
	code := "invalid"
	switch e.Field {
	case "reason":
		code = "reason_needed"
	case "cursor":
		code = "cursor"
	}
	message := e.Message
	if key := "problem.access." + e.Field + "." + e.Code; words.Has(key) {
		message = words.T(lang, key)
	}
	p := New(lang, code)
	p.Errors = []FieldError{{e.Field, e.Code, message}}
	return p
}

func invalidField(lang words.Lang, field, code, key string) Problem {
	p := New(lang, "invalid")
	p.Errors = []FieldError{{field, code, words.T(lang, key)}}
	return p
}

// targetWords says what is wrong with a target; for a code of a province or a city,
// which codes are meant instead.
func targetWords(lang words.Lang, e component.TargetProblem) string {
	key := "problem.target." + e.Field + "." + e.Code
	if e.Field != "regions" {
		return words.T(lang, key, "value", e.Value, "name", component.MaxTargetName, "many", component.MaxTargets, "pages", component.MaxPages)
	}
	what := region.Explain(e.Value)
	var some []string
	for _, d := range what.Districts[:min(len(what.Districts), 5)] {
		some = append(some, d.Code+" "+d.District)
	}
	return words.T(lang, key, "value", e.Value, "place", what.Name, "codes", strings.Join(some, words.T(lang, "problem.target.join")),
		"many", component.MaxRegions)
}

var closedCode = map[string]string{
	"not_granted": "capability_not_granted", "suspended": "capability_suspended",
	"withdrawn": "capability_withdrawn", "category_lapsed": "category_lapsed",
}

// sentinels are the rooms' plain errors.
var sentinels = []struct {
	err  error
	code string
}{
	{component.ErrUnknown, "component_unknown"},
	{component.ErrUnpublished, "component_unpublished"},
	{component.ErrStale, "stale"},
	{component.ErrInvalid, "component_invalid"},
	{handover.ErrConfig, "component_unknown"},
	{component.ErrNoTarget, "not_found"},
	{component.ErrNone, "component_none"},
	{casework.ErrCase, "not_found"},
	{casework.ErrReport, "not_found"},
	{casework.ErrRegister, "not_found"},
	{casework.ErrCommand, "not_found"},
	{casework.ErrCursor, "cursor"},
	{casework.ErrAlone, "two_people"},
	{casework.ErrOwnDecision, "own_decision"},
	{policy.ErrUnknown, "not_found"},
	{policy.ErrOwn, "own_decision"},
	{lead.ErrStale, "stale"},
	{lead.ErrUnknown, "not_found"},
	{lead.ErrErased, "erased"},
	{lead.ErrWithdrawn, "consent_withdrawn"},
	{lead.ErrKey, "idempotency_key"},
	{lead.ErrKeyReused, "idempotency_reused"},
	{lead.ErrCursor, "cursor"},
	{access.ErrReason, "reason_needed"},
	{access.ErrKey, "unauthorized"},
	{access.ErrSession, "unauthorized"},
	{access.ErrSignIn, "sign_in_failed"},
	{access.ErrStepUp, "step_up_needed"},
	{access.ErrLink, "link_ended"},
	{access.ErrCeremony, "ceremony_ended"},
	{access.ErrPasskeysOff, "passkeys_off"},
	{access.ErrOnlyWayIn, "only_way_in"},
	{access.ErrLastOwner, "last_owner"},
	{access.ErrKeyLimit, "key_limit"},
	{access.ErrMissing, "not_found"},
	{consent.ErrRefusal, "bad_request"},
	{rights.ErrLink, "not_found"},
	{consent.ErrNoReceipt, "not_found"},
	{consent.ErrNoNotice, "not_found"},
	{app.ErrUnknown, "not_found"},
	{funnel.ErrMany, "events_invalid"},
	{funnel.ErrQuery, "report_range"},
	{app.ErrNotOpen, "category_not_open"},
	{app.ErrApplying, "capability_step"},
	{app.ErrNoCategory, "category_missing"},
	{app.ErrNoKey, "app_key_missing"},
	{casework.ErrUnknown, "not_found"},
	{exchange.ErrUnknown, "not_found"},
	{exchange.ErrTooMany, "credential_too_many"},
	{exchange.ErrSignature, "event_signature"},
	{exchange.ErrEvent, "event_invalid"},
	{diagnosis.ErrQuestion, "bad_request"},
	{webhook.ErrUnknown, "not_found"},
	{webhook.ErrTooMany, "webhook_too_many"},
	{webhook.ErrDisabled, "webhook_disabled"},
	{webhook.ErrErased, "erased"},
	{phone.ErrPuzzle, "puzzle_unsolved"},
	{phone.ErrDriver, "sms_unavailable"},
	{phone.ErrRequest, "bad_request"},
	{seal.ErrEpochEnded, "erased"},
	{seal.ErrTokenExpired, "form_expired"},
	{seal.ErrToken, "form_forged"},
}

// fields are plain errors about one thing that somebody entered.
var fields = []struct {
	err         error
	field, code string
}{
	{app.ErrName, "name", "name"},
	{app.ErrOrigins, "origins", "origins_many"},
	{handover.ErrSubject, "subject", "subject"},
	{handover.ErrNumber, "phone", "no_number"},
	{handover.ErrSpent, "code", "code_used"},
	{phone.ErrShape, "phone", "phone_shape"},
	{phone.ErrRegion, "phone", "phone_region"},
	{phone.ErrNotMobile, "phone", "phone_not_mobile"},
	{phone.ErrCodeUnknown, "code", "code_unknown"},
	{phone.ErrCodeWrong, "code", "code_wrong"},
	{phone.ErrCodeExpired, "code", "code_expired"},
	{phone.ErrCodeUsed, "code", "code_used"},
	{phone.ErrCodeTries, "code", "code_tries"},
}

// roleName is by what right somebody asked, in words: a role, or a key's scopes.
func roleName(lang words.Lang, role access.Role) string {
	if scopes, ok := strings.CutPrefix(string(role), "key:"); ok {
		return words.T(lang, "problem.key_role", "scopes", scopes)
	}
	if key := "role." + string(role); words.Has(key) {
		return words.T(lang, key)
	}
	return words.T(lang, "problem.no_role")
}

// clock is an instant as people in China read it.
func clock(t time.Time) string {
	return t.In(time.FixedZone("UTC+8", 8*3600)).Format("15:04:05")
}

// Wait is the value of a Retry-After header, in whole seconds; "" without one.
func (p Problem) Wait() string {
	if p.RetryAfter <= 0 {
		return ""
	}
	return strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds())))
}

// WriteProblem answers a JSON request with the problem of err, and reports it so
// that the caller can log what was internal.
func WriteProblem(w http.ResponseWriter, r *http.Request, err error) Problem {
	p := ProblemFor(err, Lang(r))
	p.RequestID = RequestID(r)
	if wait := p.Wait(); wait != "" {
		w.Header().Set("Retry-After", wait)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
	return p
}
