package douyin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/funnel"
	"clew/handover"
	"clew/words"
)

// Refusal is why a call is refused. Words stand under wire.NAME.
type Refusal string

// The refusals.
const (
	badToken     Refusal = "bad_token"
	oldToken     Refusal = "old_token"
	badParameter Refusal = "bad_parameter"
	unknownPath  Refusal = "unknown_path"
	unknownApp   Refusal = "unknown_app"
	wrongSecret  Refusal = "wrong_secret"
	wrongGrant   Refusal = "wrong_grant"
	tooOften     Refusal = "too_often"
	notGranted   Refusal = "not_granted"
	banned       Refusal = "banned"
	notAllowed   Refusal = "not_allowed"
	noKey        Refusal = "no_key"
	spentPhone   Refusal = "spent_phone"
	misused      Refusal = "misused"
	spentLogin   Refusal = "spent_login"
	spentDevice  Refusal = "spent_anonymous"
	unavailable  Refusal = "unavailable"
	internal     Refusal = "internal"
)

// Code is what a refusal is called on the wire: in most answers, and where it differs
// in those of the legacy host (tips) and of client_token (oauth). Zero means the
// first. Source says who documents it.
type Code struct {
	Refusal           Refusal
	No, Legacy, OAuth int
	Source            string
}

// Codes is the one table of refusals. Sources: status = the platform's page
// "status-code" and its twin in the SDK docs; client_token, v2/token, code2session,
// get_phonenumber_info = that call's own page or public clients of it; own = this
// program's choice, where nothing is documented.
func Codes() []Code {
	return []Code{
		{badToken, 28001003, 0, 0, "status"},
		{oldToken, 28001008, 0, 0, "status"},
		{badParameter, 28001007, 40001, 10002, "status; 40001 credit score; client_token"},
		{unknownPath, 28001017, 0, 0, "status"},
		{unknownApp, 28001007, 40015, 10003, "v2/token; client_token"},
		{wrongSecret, 28001007, 40017, 10013, "v2/token; client_token"},
		{wrongGrant, 28001007, 40020, 10002, "v2/token; client_token"},
		{tooOften, 28003018, 0, 10020, "status; client_token"},
		{notGranted, 28001018, 0, 0, "status"},
		{banned, 28001019, 0, 0, "status"},
		{notAllowed, 28001014, 0, 0, "status"},
		{noKey, 28001007, 0, 0, "own"},
		{spentPhone, 28005187, 0, 0, "get_phonenumber_info"},
		{misused, 28005187, 0, 0, "own: for another purpose the code is good for nothing"},
		{spentLogin, 40018, 0, 0, "code2session"},
		{spentDevice, 40019, 0, 0, "own, next to 40018"},
		{unavailable, 28001006, -1, 2100004, "status; v2/token"},
		{internal, 28001005, -1, 2100004, "status; v2/token"},
	}
}

func (c Code) in(s style) int {
	switch {
	case s == tips && c.Legacy != 0:
		return c.Legacy
	case s == oauth && c.OAuth != 0:
		return c.OAuth
	}
	return c.No
}

// refusal is a Refusal on its way out.
type refusal struct {
	why  Refusal
	args []any // names and values for its words
}

func (r *refusal) Error() string { return "refused: " + string(r.why) }

func refused(why Refusal, args ...any) error { return &refusal{why, args} }

// problem is one thing wrong with one parameter. Words stand under wire.param.CODE.
type problem struct{ field, code string }

// badParams is everything wrong with a call's parameters. It holds no value.
type badParams struct{ problems []problem }

func (b *badParams) Error() string { return fmt.Sprintf("bad parameters: %v", b.problems) }

func bad(field, code string) error { return &badParams{[]problem{{field, code}}} }

// from maps a room's error to a refusal; inner says that it is for the log.
func from(err error) (r *refusal, inner bool) {
	var (
		closed *capability.Closed
		denied *access.Denied
		locked *access.Locked
		unmet  *capability.Unmet
		step   *capability.BadStep
		reason *capability.BadReason
		misuse *handover.Misused
	)
	switch {
	case errors.As(err, &r):
		return r, false
	case errors.As(err, &closed):
		if closed.Code == "suspended" || closed.Code == "withdrawn" {
			return &refusal{banned, []any{"reason", closed.Reason}}, false
		}
		return &refusal{why: notGranted}, false
	case errors.Is(err, component.ErrInvalid), errors.As(err, &unmet):
		return &refusal{why: notGranted}, false
	case errors.As(err, &denied):
		return &refusal{why: notAllowed}, false
	case errors.As(err, &locked):
		return &refusal{why: tooOften}, false
	case errors.As(err, &misuse):
		return &refusal{misused, []any{"finding", misuse.Finding}}, false
	case errors.Is(err, handover.ErrSpent):
		return &refusal{why: spentPhone}, false
	case errors.Is(err, app.ErrNoKey):
		return &refusal{why: noKey}, false
	case errors.As(err, &step), errors.As(err, &reason), errors.Is(err, funnel.ErrQuery):
		return &refusal{why: badParameter}, false
	case errors.Is(err, context.Canceled): // nobody waits for it
		return &refusal{why: unavailable}, false
	case db.IsUnavailable(err):
		return &refusal{why: unavailable}, true
	}
	return &refusal{why: internal}, true
}

// fields lists what is wrong with which parameter, in the wire's own names.
func fields(err error) []problem {
	var (
		params  *badParams
		target  *component.BadTarget
		privacy *app.BadPrivacy
		step    *capability.BadStep
		reason  *capability.BadReason
	)
	switch {
	case errors.As(err, &params):
		return params.problems
	case errors.As(err, &target):
		var out []problem
		for _, p := range target.Problems {
			out = append(out, problem{map[string]string{
				"name": "config_name", "regions": "region_list", "categories": "category_id", "app": "app",
			}[p.Field], p.Code})
			if out[len(out)-1].field == "" {
				out[len(out)-1].field = p.Field
			}
		}
		return out
	case errors.As(err, &privacy):
		var out []problem
		for _, p := range privacy.Problems {
			out = append(out, problem{strings.Replace(p.Field, "items", "privacy_item_list", 1), p.Code})
		}
		return out
	case errors.As(err, &step):
		return []problem{{"capacity_key", "state_" + string(step.From)}}
	case errors.As(err, &reason):
		return []problem{{"apply_reason", reason.Code}}
	case errors.Is(err, funnel.ErrQuery):
		return []problem{{"end_time", "range"}}
	}
	return nil
}

// refuse is the code and the words of an error, in the caller's language.
func refuse(err error, s style, lang words.Lang) (no int, text string, inner bool) {
	problems := fields(err)
	var r *refusal
	if problems != nil {
		r = &refusal{why: badParameter}
	} else {
		r, inner = from(err)
	}
	for _, c := range Codes() {
		if c.Refusal == r.why {
			no = c.in(s)
		}
	}
	var parts []string
	for _, p := range problems {
		key := "wire.param." + p.code
		if !words.Has(key) {
			key = "wire.param.malformed"
		}
		part := p.field + ": " + words.T(lang, key)
		if len(parts) < 10 {
			parts = append(parts, part)
		}
	}
	text = words.T(lang, "wire."+string(r.why), r.args...)
	var unmet *capability.Unmet
	if errors.As(err, &unmet) {
		for _, c := range unmet.Conditions {
			parts = append(parts, words.T(lang, "condition."+c.ID+".name", c.Args...))
		}
	}
	if parts != nil {
		text += " " + strings.Join(parts, "; ")
	}
	return no, text, inner
}
