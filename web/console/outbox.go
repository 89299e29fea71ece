package console

import (
	"slices"

	"github.com/a-h/templ"

	"clew/access"
	"clew/db"
	"clew/outbox"
	"clew/phone"
)

const outboxPage = 50

type outboxView struct {
	State   string
	Entries []outbox.Entry
	Next    string
	SMS     []phone.LogMessage
	HasSMS  bool
	Backlog outbox.Backlog
}

func (c *Console) outbox(v *visit) error {
	q := v.r.URL.Query()
	view := outboxView{HasSMS: c.SMS != nil}
	if slices.Contains([]string{outbox.Waiting, outbox.Done, outbox.DeadEnd}, q.Get("state")) {
		view.State = q.Get("state")
	}
	var err error
	if v.Caller.Operator != "" {
		view.Entries, view.Next, err = c.Outbox.List(v.r.Context(), v.Caller.Operator, view.State, q.Get("cursor"), outboxPage)
		if err != nil {
			return err
		}
	}
	if v.May(access.InstallationRead) {
		if view.Backlog, err = c.Outbox.Backlog(v.r.Context()); err != nil {
			return err
		}
	}
	if c.SMS != nil {
		view.SMS = c.SMS()
	}
	return v.show(v.T("outbox.title"), func(p *page) templ.Component { return outboxList(p, view) })
}

func (c *Console) replayMessage(v *visit) error {
	n, id := 0, v.r.PathValue("id")
	err := c.Access.Do(v.r.Context(), v.Caller, access.OutboxRead, access.Subject{Kind: "message", ID: id}, "replay", func(tx *db.Tx) (err error) {
		n, err = c.Outbox.Replay(v.r.Context(), tx, v.Caller.Operator, id)
		return err
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return v.back("/console/outbox", flash{Tone: "warn", Key: "outbox.replay.none"})
	}
	return v.back("/console/outbox", flash{Tone: "good", Key: "outbox.replayed"})
}

func outboxTone(state string) string {
	return map[string]string{outbox.Waiting: "info", outbox.Done: "good", outbox.DeadEnd: "bad"}[state]
}
