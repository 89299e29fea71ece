package lead

import (
	"context"
	"slices"

	"clew/db"
	"clew/funnel"
)

// before finds whether somebody left a lead earlier today: people are counted once a
// day. It holds blind indexes, for as long as one transaction takes.
type before struct {
	since int64 // milliseconds
	seen  map[[2]string]string
}

// add notes a lead of idx in an app and answers with the one noted first; "" for none.
func (b *before) add(idx, app, lead string, test bool, at int64) (first string) {
	if test || at < b.since {
		return ""
	}
	if b.seen == nil {
		b.seen = map[[2]string]string{}
	}
	key := [2]string{idx, app}
	if first = b.seen[key]; first == "" {
		b.seen[key] = lead
	}
	return first
}

// note counts what a batch stored, in its transaction. Tests are never counted.
func (in *Intake) note(ctx context.Context, tx *db.Tx, batch []*job) error {
	byOperator := map[string][]funnel.Submission{}
	for _, j := range batch {
		if !j.open() || j.sub.Form.Test {
			continue
		}
		byOperator[j.operator] = append(byOperator[j.operator], funnel.Submission{
			Lead: j.lead, App: j.version.App, Component: j.component, Scene: j.sub.scene(),
			Room: j.sub.Room, Video: j.sub.Video, Promotion: j.sub.Promotion, Region: j.sub.Region,
			Before: j.before, Verified: j.verified(), Duplicate: j.duplicateOf != "",
		})
	}
	for operator, submissions := range byOperator {
		if err := in.Funnel.Note(ctx, tx, operator, submissions); err != nil {
			return err
		}
	}
	return nil
}

// scene is where the lead counts: a scene that the page named, or the kind of page.
func (s *Submission) scene() string {
	switch {
	case slices.Contains(funnel.Scenes(), s.Scene):
		return s.Scene
	case s.Scene == "page":
		return funnel.SceneHosted
	case s.Page != "":
		return funnel.SceneSite
	}
	return funnel.SceneOther
}
