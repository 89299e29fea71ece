package console

import (
	"errors"
	"net/url"
	"strings"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/finding"
	"clew/ledger"
	"clew/web"
	"clew/words"
)

// change makes a handler of one form on the case page. The form names the version
// that was read; one that names none is treated as older than all.
func (c *Console) change(verb string, fn func(v *visit, id string, version int, f url.Values) error) func(*visit) error {
	return func(v *visit) error {
		id, f := v.r.PathValue("id"), v.r.PostForm
		version := number(f.Get("version"))
		if version < 1 {
			version = -1 // 0 would ask for none
		}
		if err := fn(v, id, version, f); err != nil {
			return c.refuseCase(v, keyOf(verb, f), err)
		}
		return v.back(caseURL(id), flash{Tone: "good", Key: "case.done." + verb})
	}
}

// keyOf is the id of a form on the page: its verb, and what it is about.
func keyOf(verb string, f url.Values) string {
	if verb == "intend" {
		verb = "decide" // two ways to send one form
	}
	return formID(verb, f.Get("target"))
}

// caseForms are the routes of the case page's forms.
func (c *Console) caseForms(r *routes) {
	at := "POST /console/cases/{id}/"
	room := c.Casework
	r.staff(at+"triage", access.CaseWork, c.change("triage", func(v *visit, id string, version int, f url.Values) error {
		_, err := room.Triage(v.r.Context(), v.Caller, id, version, number(f.Get("priority")))
		return err
	}))
	r.staff(at+"assign", access.CaseWork, c.change("assign", func(v *visit, id string, version int, f url.Values) error {
		to := f.Get("to")
		if f.Get("me") != "" {
			to = v.Caller.ID
		}
		if err := v.colleague(to); err != nil {
			return err
		}
		_, err := room.Assign(v.r.Context(), v.Caller, id, version, to)
		return err
	}))
	r.staff(at+"note", access.CaseWork, c.change("note", func(v *visit, id string, _ int, f url.Values) error {
		_, err := room.Note(v.r.Context(), v.Caller, id, oneLine(f.Get("text")), f.Get("public") != "")
		return err
	}))
	r.staff(at+"find", access.CaseWork, c.change("find", func(v *visit, id string, version int, f url.Values) error {
		n := casework.NewFinding{
			ID: f.Get("target"), Clause: f.Get("clause"), Verdict: finding.Verdict(f.Get("verdict")), Text: typedText(f, "text"),
			Evidence: idsIn(f.Get("evidence")), ActAt: parseDay(f.Get("act_at")), Act: oneLine(f.Get("act")),
		}
		if n.ID != "" && n.ActAt.IsZero() {
			// Confirming does not move the act to today, nor loses what belongs to it.
			file, err := room.Case(v.r.Context(), v.Caller, id)
			if err != nil {
				return err
			}
			for _, x := range file.Findings {
				if x.ID == n.ID {
					n.ActAt, n.Act = x.ActAt, x.Act
				}
			}
		}
		_, err := room.Find(v.r.Context(), v.Caller, id, version, n)
		return err
	}))
	r.staff(at+"recheck", access.CaseWork, c.change("recheck", func(v *visit, id string, version int, f url.Values) error {
		_, err := room.Recheck(v.r.Context(), v.Caller, id, version, f.Get("target"), f.Get("passed") == "yes", oneLine(f.Get("note")))
		return err
	}))
	r.staff(at+"end", access.CaseWork, c.change("end", func(v *visit, id string, version int, f url.Values) error {
		_, err := room.End(v.r.Context(), v.Caller, id, version, casework.State(f.Get("to")), oneLine(f.Get("why")), strings.TrimSpace(f.Get("into")))
		return err
	}))
	r.staff(at+"reopen", access.CaseWork, c.change("reopen", func(v *visit, id string, version int, f url.Values) error {
		_, err := room.Reopen(v.r.Context(), v.Caller, id, version, oneLine(f.Get("why")))
		return err
	}))
	r.staff(at+"intend", access.CaseDecide, c.change("intend", func(v *visit, id string, version int, f url.Values) error {
		w := pickedIn(f, nil)
		_, err := room.Intend(v.r.Context(), v.Caller, id, version, w.Picked, w.Claims)
		return err
	}))
	r.staff(at+"decide", access.CaseDecide, c.change("decide", func(v *visit, id string, version int, f url.Values) error {
		w := pickedIn(f, nil)
		d := casework.Draft{
			Findings: w.Picked, Claims: w.Claims, Reasons: typedText(f, "reasons"), Interim: f.Get("interim") != "",
			Deviation: oneLine(f.Get("deviation")),
		}
		if f.Get("deviate") != "" {
			o := orderIn(f)
			d.Order = &o
		}
		_, err := room.Decide(v.r.Context(), v.Caller, id, version, d)
		return err
	}))
	r.staff(at+"approve", access.CaseApprove, c.change("approve", func(v *visit, id string, version int, f url.Values) error {
		_, err := room.Approve(v.r.Context(), v.Caller, id, version, f.Get("target"))
		return err
	}))
	r.staff(at+"decline", access.CaseApprove, c.change("decline", func(v *visit, id string, version int, f url.Values) error {
		_, err := room.Decline(v.r.Context(), v.Caller, id, version, f.Get("target"), oneLine(f.Get("why")))
		return err
	}))
	r.staff(at+"take", access.AppealDecide, c.change("take", func(v *visit, id string, version int, f url.Values) error {
		_, err := room.TakeAppeal(v.r.Context(), v.Caller, id, version, f.Get("target"))
		return err
	}))
	r.staff(at+"answer", access.AppealDecide, c.change("answer", func(v *visit, id string, version int, f url.Values) error {
		j := casework.Judgement{State: casework.AppealState(f.Get("state")), Answer: oneLine(f.Get("answer")), Conditions: oneLine(f.Get("conditions"))}
		if j.State == casework.Modified {
			o := orderIn(f)
			j.Order = &o
		}
		_, err := room.AnswerAppeal(v.r.Context(), v.Caller, id, version, f.Get("target"), j)
		return err
	}))
	r.staff(at+"reporter", access.ReporterReveal, c.openReporter)
}

// typedText is a text typed in both languages.
func typedText(f url.Values, name string) finding.Text {
	t := finding.Text{}
	for _, l := range words.Langs() {
		if s := oneLine(f.Get(name + "_" + string(l))); s != "" {
			t[l] = s
		}
	}
	return t
}

// colleague holds an assignee to the platform's staff: a case given to nobody's id
// would wait for ever.
func (v *visit) colleague(id string) error {
	if id == "" {
		return nil
	}
	return v.read(func(tx *db.Tx) error {
		names, err := access.StaffNames(v.r.Context(), tx, "")
		if err == nil && names[id] == "" {
			err = web.New(v.Lang, "bad_request")
		}
		return err
	})
}

// openReporter answers with a page that names the reporter: no redirect, because
// personal data has no place in a cookie or a URL. The page leaves by itself.
func (c *Console) openReporter(v *visit) error {
	if !v.fresh() {
		return web.New(v.Lang, "step_up_needed")
	}
	id, f := v.r.PathValue("id"), v.r.PostForm
	who, err := c.Casework.OpenReporter(v.r.Context(), v.Caller, f.Get("target"), f.Get("reason"))
	if errors.Is(err, access.ErrReason) {
		view, loadErr := c.loadCase(v, id, nil)
		if loadErr != nil {
			return loadErr
		}
		view.Key, view.Typed = keyOf("reporter", f), f
		view.Problems = []trouble{{view.Key, v.reasonText(err)}}
		return c.showCase(v, view)
	} else if errors.Is(err, casework.ErrReport) {
		return web.New(v.Lang, "not_found")
	} else if err != nil {
		return err
	}
	view, err := c.loadCase(v, id, nil)
	if err != nil {
		return err
	}
	view.Opened = map[string]casework.Reporter{f.Get("target"): who}
	v.w.Header().Set("Refresh", "60; url="+caseURL(id))
	return c.showCase(v, view)
}

// caseProof is the proof that an entry of the ledger about this case stands in the
// tree (tlog-proof), as a file.
func (c *Console) caseProof(v *visit) error {
	f, err := c.Casework.Case(v.r.Context(), v.Caller, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	var proof string
	err = v.read(func(tx *db.Tx) error {
		entries, err := ledger.Of(v.r.Context(), tx, f.Operator, f.ID)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if e.ID == v.r.PathValue("entry") {
				proof, err = ledger.Prove(v.r.Context(), tx, f.Operator, e.ID)
				return err
			}
		}
		return ledger.ErrUnknown
	})
	switch {
	case errors.Is(err, ledger.ErrUnknown):
		return web.New(v.Lang, "not_found")
	case errors.Is(err, ledger.ErrWaiting):
		return v.back(caseURL(f.ID)+"/print", flash{Tone: "warn", Key: "ledger.waiting"})
	case err != nil:
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+v.r.PathValue("entry")+`.tlog-proof"`)
	_, _ = v.w.Write([]byte(proof))
	return nil
}
