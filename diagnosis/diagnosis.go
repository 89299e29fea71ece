// Package diagnosis keeps one promise: whoever meets "10101 platform auth deny" is
// told one cause to look at first, what is known of every other, and what to do.
//
// A page meets 10101 when it asks for a number and the platform will not let it.
// The platform says no more than that. What can be found out without its help stands
// in two places: where an app has credentials for Douyin, Douyin is asked which
// components the app has there; where it has none, Clew is the platform and its own
// records decide.
package diagnosis

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/exchange"
)

// Cause is one reason for 10101. The codes are stable.
type Cause string

// The causes, in the order in which they are to be looked at: each makes those after
// it pointless.
const (
	NotEligible Cause = "not_eligible" // no category of the app is open and online
	NotGranted  Cause = "not_granted"
	Suspended   Cause = "suspended"
	Withdrawn   Cause = "withdrawn"
	IDUnknown   Cause = "id_unknown"
	IDOfAnother Cause = "id_of_another_app"
	Deleted     Cause = "component_deleted"
	Invalid     Cause = "component_invalid"
	Missing     Cause = "attribute_missing"
	Misspelt    Cause = "attribute_spelling"
	// Other is everything that neither the platform's answers nor our records show: the
	// subject is no enterprise, the app or the base library is too old, the account has
	// no number of its own.
	Other Cause = "other"
)

// Causes is every cause, in order.
func Causes() []Cause {
	return []Cause{NotEligible, NotGranted, Suspended, Withdrawn, IDUnknown, IDOfAnother, Deleted, Invalid, Missing, Misspelt, Other}
}

// Verdict is what is known of a cause.
type Verdict string

// The verdicts.
const (
	Holds   Verdict = "holds"
	Not     Verdict = "does_not_hold"
	Unknown Verdict = "unknown"
)

// Judged is one cause with what is known of it.
type Judged struct {
	Cause   Cause
	Verdict Verdict
	// Detail names words that say more: diagnosis.detail.DETAIL, with Args; empty when
	// nothing more is known.
	Detail string
	Args   []any
}

// Judges of a diagnosis.
const (
	ByClew   = "clew"
	ByDouyin = "douyin"
)

// Question is what the page was seen to have. Nil members were not looked at.
type Question struct {
	App string
	// ConfigID is the value of clue-component-id; "" when the form has none.
	ConfigID *string
	// ConversionTarget is the value of conversion-target; "" when the form has none.
	ConversionTarget *string
	// Attributes are the names that the form carries in the built page, as they stand
	// there.
	Attributes []string
}

// Diagnosis is the answer.
type Diagnosis struct {
	// Judge says who answered for the app's rights and components.
	Judge string
	// Failed is Douyin's own refusal to answer, empty when it did.
	Failed string
	Causes []Judged // every cause, in order
	// Primary is the one to look at first. It is the first that holds; when none is
	// known to, the likeliest of those nothing is known of.
	Primary Cause
	At      time.Time
}

// Of is what is known of a cause.
func (d Diagnosis) Of(c Cause) Judged {
	for _, j := range d.Causes {
		if j.Cause == c {
			return j
		}
	}
	return Judged{Cause: c, Verdict: Unknown}
}

// Room diagnoses.
type Room struct {
	DB       *db.DB
	Access   *access.Room
	Exchange *exchange.Room
}

const (
	maxID         = 128 // characters of an id or a value
	maxAttributes = 60
	maxOthers     = 10 // apps of the operator that are asked for an id
)

// ErrQuestion says that a question is longer than any page's form.
var ErrQuestion = errors.New("an id or a value has at most 128 characters, and a form at most 60 attributes")

// likely is where to look when nothing is known to hold: what goes wrong most often
// comes first.
var likely = []Cause{Missing, Misspelt, IDUnknown, NotGranted, NotEligible, IDOfAnother, Invalid, Withdrawn, Suspended, Deleted, Other}

// Diagnose answers a question about an app of the caller's operator. It changes
// nothing. The errors are *access.Denied, app.ErrUnknown and [ErrQuestion]; that
// Douyin does not answer is no error.
func (r *Room) Diagnose(ctx context.Context, caller access.Caller, q Question) (Diagnosis, error) {
	if err := r.Access.Check(ctx, caller, access.AppRead, access.Subject{Kind: "app"}); err != nil {
		return Diagnosis{}, err
	}
	if len(q.Attributes) > maxAttributes {
		return Diagnosis{}, ErrQuestion
	}
	q.ConfigID, q.ConversionTarget = trimmed(q.ConfigID), trimmed(q.ConversionTarget)
	for _, v := range []*string{q.ConfigID, q.ConversionTarget} {
		if v != nil && len(*v) > maxID {
			return Diagnosis{}, ErrQuestion
		}
	}
	s := sheet{}
	for _, c := range Causes() {
		s[c] = Judged{Cause: c, Verdict: Unknown}
	}
	d := Diagnosis{Judge: ByClew, At: r.DB.Now()}
	if err := r.DB.Read(ctx, func(tx *db.Tx) error { return fromRecords(ctx, tx, caller.Operator, q, s) }); err != nil {
		return d, err
	}
	listed, err := r.Exchange.Listed(ctx, caller.Operator, q.App)
	var failed *exchange.Failed
	switch {
	case errors.As(err, &failed) && failed.Code == "no_credential":
	case errors.As(err, &failed):
		d.Judge, d.Failed = ByDouyin, failed.Code
		fromRefusal(failed, s)
	case err != nil:
		return d, err
	default:
		d.Judge = ByDouyin
		if err := r.fromDouyin(ctx, caller.Operator, q, listed, s); err != nil {
			return d, err
		}
	}
	fromPage(q, s)
	d.Causes, d.Primary = s.conclude()
	return d, nil
}

func trimmed(v *string) *string {
	if v == nil {
		return nil
	}
	t := strings.TrimSpace(*v)
	return &t
}

// sheet is what is known so far, by cause.
type sheet map[Cause]Judged

func (s sheet) say(c Cause, holds bool, detail string, args ...any) {
	v := Not
	if holds {
		v = Holds
	} else {
		detail, args = "", nil
	}
	s[c] = Judged{c, v, detail, args}
}

// conclude puts the causes in order and names the primary one.
func (s sheet) conclude() (list []Judged, primary Cause) {
	known := Holds // of Other: it holds when everything else is known not to
	for _, c := range Causes() {
		if c == Other {
			continue
		}
		switch s[c].Verdict {
		case Holds:
			if primary == "" {
				primary = c
			}
			known = Not
		case Unknown:
			if known == Holds {
				known = Unknown
			}
		case Not:
		}
	}
	s[Other] = Judged{Cause: Other, Verdict: known}
	for _, c := range Causes() {
		list = append(list, s[c])
	}
	for _, c := range likely {
		if primary == "" && s[c].Verdict != Not {
			primary = c
		}
	}
	return list, primary
}

// fromRecords judges by what stands here.
func fromRecords(ctx context.Context, tx *db.Tx, operator string, q Question, s sheet) error {
	if _, err := app.Get(ctx, tx, operator, q.App); err != nil {
		return err
	}
	paths, err := capability.Eligible(ctx, tx, operator, q.App)
	if err != nil {
		return err
	}
	status, err := capability.Get(ctx, tx, operator, q.App)
	if err != nil {
		return err
	}
	s.say(NotEligible, len(paths) == 0, "")
	s.say(NotGranted, status.State == capability.None || status.State == capability.Applied, "state_"+string(status.State))
	s.say(Suspended, status.State == capability.Suspended, "decision", "reason", status.Reason, "case", status.Case)
	s.say(Withdrawn, status.State == capability.Withdrawn, "decision", "reason", status.Reason, "case", status.Case)
	if q.ConfigID == nil || *q.ConfigID == "" {
		return nil
	}
	id := *q.ConfigID
	if !component.ConfigShape.MatchString(id) {
		s.say(IDUnknown, true, "id_shape")
		for _, c := range []Cause{IDOfAnother, Deleted, Invalid} {
			s.say(c, false, "")
		}
		return nil
	}
	t, deleted, err := component.Trace(ctx, tx, id)
	unknown := errors.Is(err, component.ErrNoTarget)
	if err != nil && !unknown {
		return err
	}
	mine := !unknown && t.Operator == operator && t.App == q.App
	s.say(IDUnknown, unknown, "")
	// Whose it is, is told of the operator's own apps only.
	if !unknown && !mine && t.Operator == operator {
		s.say(IDOfAnother, true, "other_app", "app", t.App)
	} else {
		s.say(IDOfAnother, !unknown && !mine, "")
	}
	s.say(Deleted, mine && !deleted.IsZero(), "deleted_at", "at", deleted.Format(time.DateOnly))
	s.say(Invalid, false, "")
	if mine && deleted.IsZero() {
		whole, err := component.TargetOf(ctx, tx, id)
		if err != nil {
			return err
		}
		validity, err := component.ValidityOf(ctx, tx, whole)
		if err != nil {
			return err
		}
		s.say(Invalid, validity == component.Invalid, "categories", "categories", strings.Join(whole.Categories, "; "))
	}
	return nil
}

// fromRefusal judges by Douyin's refusal to tell: its codes say why.
func fromRefusal(f *exchange.Failed, s sheet) {
	for _, c := range Causes() {
		s[c] = Judged{Cause: c, Verdict: Unknown} // our records do not decide there
	}
	switch f.Code {
	case "28001018", "28001014", "10101":
		s.say(NotGranted, true, "")
		s.say(Withdrawn, false, "")
	case "28001019", "28001016":
		s.say(NotGranted, false, "")
		s.say(Withdrawn, true, "")
	}
}

// fromDouyin judges by the list of the app's components there.
func (r *Room) fromDouyin(ctx context.Context, operator string, q Question, l exchange.Listed, s sheet) error {
	s.say(NotEligible, !l.Eligible, "")
	for _, c := range []Cause{NotGranted, Suspended, Withdrawn} {
		// It lets the app list its components, which it refuses without the capability.
		s.say(c, false, "")
	}
	for _, c := range []Cause{IDUnknown, IDOfAnother, Deleted, Invalid} {
		s[c] = Judged{Cause: c, Verdict: Unknown}
	}
	if q.ConfigID == nil || *q.ConfigID == "" {
		return nil
	}
	i := slices.IndexFunc(l.Components, func(c exchange.Component) bool { return c.ConfigID == *q.ConfigID })
	if i >= 0 {
		s.say(IDUnknown, false, "")
		s.say(IDOfAnother, false, "")
		s.say(Deleted, false, "")
		s.say(Invalid, l.Components[i].State == "2", "")
		return nil
	}
	if !l.Whole {
		return nil
	}
	s.say(Invalid, false, "")
	other, whole, err := r.elsewhere(ctx, operator, q.App, *q.ConfigID)
	switch {
	case err != nil:
		return err
	case other != "":
		s.say(IDUnknown, false, "")
		s.say(Deleted, false, "")
		s.say(IDOfAnother, true, "other_app", "app", other)
	default:
		// Douyin does not tell a deleted id from one that never was, nor another
		// operator's.
		s.say(IDUnknown, true, "")
		if whole {
			s[IDOfAnother] = Judged{Cause: IDOfAnother, Verdict: Unknown, Detail: "other_operator"}
		}
	}
	return nil
}

// elsewhere looks for an id among the operator's other apps on Douyin; whole says
// that all of them answered.
func (r *Room) elsewhere(ctx context.Context, operator, but, id string) (found string, whole bool, err error) {
	apps, err := r.Exchange.AppsOn(ctx, operator, exchange.Douyin)
	if err != nil {
		return "", false, err
	}
	whole = len(apps) <= maxOthers
	for _, a := range apps[:min(len(apps), maxOthers)] {
		if a == but {
			continue
		}
		l, err := r.Exchange.Listed(ctx, operator, a)
		if err != nil {
			whole = false
			continue
		}
		if slices.ContainsFunc(l.Components, func(c exchange.Component) bool { return c.ConfigID == id }) {
			return a, true, nil
		}
		whole = whole && l.Whole
	}
	return "", whole, nil
}
