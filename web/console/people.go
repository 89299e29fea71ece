package console

import (
	"errors"
	"net/url"

	"github.com/a-h/templ"

	"clew/access"
	"clew/web"
)

type peopleView struct {
	Staff    []access.Staff
	Keys     []access.Key
	Fresh    bool
	Roles    []access.Role
	New      access.NewStaff
	Key      keyForm
	Problems []trouble
}

type keyForm struct {
	Name   string
	Scopes []string
	Test   bool
}

// roles are those the caller's operator, or the platform, can give.
func roles(c access.Caller) []access.Role {
	if c.Operator == "" {
		return []access.Role{
			access.RoleAdmin, access.RoleInspector, access.RoleReviewer, access.RoleApprover, access.RoleAppeals,
			access.RolePolicyEditor, access.RolePolicyApprover, access.RoleAuditor,
		}
	}
	return []access.Role{access.RoleAgent, access.RoleAnalyst, access.RoleOwner}
}

func (c *Console) people(v *visit) error { return c.showPeople(v, peopleView{}) }

func (c *Console) showPeople(v *visit, view peopleView) (err error) {
	if view.Staff, err = c.Access.People(v.r.Context(), v.Caller); err != nil {
		return err
	}
	if v.May(access.KeyEdit) {
		if view.Keys, err = c.Access.Keys(v.r.Context(), v.Caller); err != nil {
			return err
		}
	}
	view.Roles, view.Fresh = roles(v.Caller), v.fresh()
	return v.show(v.T("nav.people"), func(p *page) templ.Component { return peoplePage(p, view) })
}

// staffNames is the staff for filters; empty for those who may not see it.
func (v *visit) staffNames() (list []named, err error) {
	if !v.May(access.PeopleRead) {
		return nil, nil
	}
	all, err := v.c.Access.People(v.r.Context(), v.Caller)
	for _, s := range all {
		list = append(list, named{s.ID, s.Name})
	}
	return list, err
}

func (c *Console) invite(v *visit) error {
	if !v.fresh() {
		return v.proveFirst("/console/people")
	}
	f := v.r.PostForm
	n := access.NewStaff{Login: f.Get("login"), Name: f.Get("name"), Role: access.Role(f.Get("role"))}
	s, token, err := c.Access.Invite(v.r.Context(), v.Caller, n)
	var invalid *access.Invalid
	if errors.As(err, &invalid) {
		return c.showPeople(v, peopleView{New: n, Problems: []trouble{{"staff-" + invalid.Field, v.known("people."+invalid.Field+".", invalid.Code)}}})
	} else if err != nil {
		return err
	}
	return v.back("/console/people", flash{Tone: "good", Key: "people.invited", Args: []string{"name", s.Name}, Secret: c.linkURL(token)})
}

// proveFirst sends somebody whose sign-in is too old to prove who they are and then
// back. A one-time link opens a session that is fresh: without this it would be the
// way around every step-up, one's own link first of all.
func (v *visit) proveFirst(to string) error {
	v.redirect("/console/step-up?next=" + url.QueryEscape(to))
	return nil
}

func (c *Console) linkURL(token string) string { return c.BaseURL + "/console/link/" + token }

// staffEnd ends a change of somebody's account.
func (v *visit) staffEnd(err error, done flash) error {
	switch {
	case errors.Is(err, access.ErrLastOwner):
		done = flash{Tone: "bad", Key: "people.last"}
	case errors.Is(err, access.ErrMissing):
		return web.New(v.Lang, "not_found")
	case err != nil:
		return err
	}
	return v.back("/console/people", done)
}

func (c *Console) setRole(v *visit) error {
	if !v.fresh() {
		return v.proveFirst("/console/people")
	}
	err := c.Access.ChangeRole(v.r.Context(), v.Caller, v.r.PathValue("id"), access.Role(v.r.PostForm.Get("role")))
	return v.staffEnd(err, flash{Tone: "good", Key: "people.role.set"})
}

func (c *Console) disableStaff(v *visit) error {
	if v.r.PostForm.Get("do") == "enable" {
		return v.staffEnd(c.Access.Enable(v.r.Context(), v.Caller, v.r.PathValue("id")), flash{Tone: "good", Key: "people.enabled"})
	}
	return v.staffEnd(c.Access.Disable(v.r.Context(), v.Caller, v.r.PathValue("id")), flash{Tone: "good", Key: "people.disabled"})
}

func (c *Console) newLink(v *visit) error {
	if !v.fresh() {
		return v.proveFirst("/console/people")
	}
	token, err := c.Access.Relink(v.r.Context(), v.Caller, v.r.PathValue("id"))
	if err != nil {
		return v.staffEnd(err, flash{})
	}
	return v.back("/console/people", flash{Tone: "good", Key: "people.link", Secret: c.linkURL(token)})
}

func (c *Console) createKey(v *visit) error {
	if !v.fresh() {
		return web.New(v.Lang, "step_up_needed")
	}
	f := v.r.PostForm
	view := keyForm{Name: f.Get("name"), Scopes: f["scopes"], Test: f.Get("kind") == "test"}
	bad := func(field, text string) error {
		return c.showPeople(v, peopleView{Key: view, Problems: []trouble{{field, text}}})
	}
	scopes, err := access.ParseScopes(view.Scopes...)
	if err != nil {
		return bad("key-scopes", v.T("key.scopes.empty"))
	}
	_, key, err := c.Access.CreateKey(v.r.Context(), v.Caller, access.NewKey{Name: view.Name, Scopes: scopes, Test: view.Test})
	var invalid *access.Invalid
	switch {
	case errors.As(err, &invalid):
		return bad("key-"+invalid.Field, v.known("key."+invalid.Field+".", invalid.Code))
	case errors.Is(err, access.ErrKeyLimit):
		return bad("key-name", v.T("key.limit"))
	case err != nil:
		return err
	}
	return v.back("/console/people", flash{Tone: "good", Key: "key.made", Secret: key})
}

func (c *Console) revokeKey(v *visit) error {
	err := c.Access.RevokeKey(v.r.Context(), v.Caller, v.r.PathValue("id"))
	return v.staffEnd(err, flash{Tone: "good", Key: "key.revoked"})
}
