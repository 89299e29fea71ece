package lead

import (
	"context"
	"errors"
	"slices"
	"time"

	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/exchange"
)

// answersOf reads what a person entered. With a grant the number is not among it:
// its answer stands in its place, empty, until [Intake.granted] fills it in.
func answersOf(v *published, s Submission) ([]component.Answer, []component.Problem) {
	if !s.granted() {
		return v.Definition.Parse(s.Answers, s.Form.Lang)
	}
	field, found := v.Definition.Phone()
	if !found || s.Answers[field.ID] != "" || s.CodeID != "" || s.Code != "" {
		return nil, []component.Problem{{Field: field.ID, Code: "grant_and_number"}}
	}
	rest := v.Definition
	rest.Fields = slices.DeleteFunc(slices.Clone(rest.Fields), func(f component.Field) bool { return f.ID == field.ID })
	given := make(map[string]string, len(s.Answers))
	for id, a := range s.Answers {
		if id != field.ID {
			given[id] = a
		}
	}
	parsed, problems := rest.Parse(given, s.Form.Lang)
	if len(problems) > 0 {
		return nil, problems
	}
	// In the order of the fields, as typed answers are.
	var answers []component.Answer
	for _, f := range v.Definition.Fields {
		if f.ID == field.ID {
			answers = append(answers, component.Answer{Field: f.ID, Kind: component.KindPhone})
		}
		for _, a := range parsed {
			if a.Field == f.ID {
				answers = append(answers, a)
			}
		}
	}
	return answers, nil
}

func (s *Submission) granted() bool { return s.Grant != exchange.Grant{} }

// granted turns a job's grant into its number, outside any transaction. A key that
// was answered before is answered again, without asking the platform: the grant is
// spent. The errors are *exchange.Failed, *exchange.BadGrant, [ErrKeyReused] and
// what a closed capability says; then nothing was asked.
func (in *Intake) granted(ctx context.Context, j *job) error {
	if err := j.sub.Grant.Check(); err != nil {
		return err
	}
	if err := in.answered(ctx, j); err != nil || j.accepted.Replayed {
		return err
	}
	if in.Exchange == nil {
		return &exchange.Failed{Platform: j.sub.Grant.Platform, Reason: exchange.Unavailable, Code: "not_set_up"}
	}
	number, err := in.Exchange.Phone(ctx, j.operator, j.version.App, j.once, j.sub.Grant)
	if err != nil {
		// The same submission may have been stored meanwhile, by another process.
		var failed *exchange.Failed
		if errors.As(err, &failed) && (failed.Reason == exchange.Used || failed.Reason == exchange.Expired) {
			if again := in.answered(ctx, j); again == nil && j.accepted.Replayed {
				return nil
			}
		}
		return err
	}
	for i, a := range j.answers {
		if a.Kind == component.KindPhone {
			j.answers[i].Phone = number
		}
	}
	return nil
}

// answered gives a job the answer that its key got before, if any; without one it
// says whether the app may collect at all, so that no number is fetched in vain.
func (in *Intake) answered(ctx context.Context, j *job) error {
	return in.DB.Read(ctx, func(tx *db.Tx) error {
		o, err := db.One(ctx, tx, scanOnce, onceColumns+" where operator=$1 and tag=$2", j.operator, j.once)
		switch {
		case err == nil && o.body != j.body:
			return ErrKeyReused
		case err == nil:
			j.accepted = o.accepted()
			return nil
		case !errors.Is(err, db.ErrNone):
			return err
		}
		if err := capability.Require(ctx, tx, j.operator, j.version.App); err != nil {
			return err
		}
		live, err := component.LiveNumbers(ctx, tx, j.operator, []string{j.component})
		if err != nil {
			return err
		}
		switch number, published := live[j.component]; {
		case !published:
			return component.ErrUnpublished
		case number != j.version.Number:
			return errStale
		}
		return component.Valid(ctx, tx, j.operator, j.version.App, j.component)
	})
}

const onceColumns = "select tag, body_tag, lead, number, test, created_at from lead_once"

func scanOnce(s db.Scanner) (o once, err error) {
	return o, s.Scan(&o.tag, &o.body, &o.lead, &o.number, &o.test, &o.at)
}

func (o once) accepted() Accepted {
	return Accepted{Lead: o.lead, Number: o.number, At: time.UnixMilli(o.at).UTC(), Test: o.test, Replayed: true}
}

// verified reports whether the number was proved: by a code, or by the platform
// that gave it for the person's tap.
func (j *job) verified() bool {
	return j.sub.granted() || j.version.Definition.Verification == component.Verified
}

// settle forgets the numbers that waited for the leads this transaction stores.
func settle(ctx context.Context, tx *db.Tx, batch []*job) error {
	onces := map[string][]string{}
	for _, j := range batch {
		if j.open() && j.sub.granted() {
			onces[j.operator] = append(onces[j.operator], j.once)
		}
	}
	for operator, list := range onces {
		if err := exchange.Stored(ctx, tx, operator, list); err != nil {
			return err
		}
	}
	return nil
}
