package console

import (
	"errors"
	"net/url"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/component"
	"clew/consent"
	"clew/db"
	"clew/lead"
	"clew/norm"
	"clew/web"
	"clew/words"
)

// call is what people call a component; one without a title has its id.
func (p *page) call(d *component.Definition, id string) string {
	if t := title(d, p.Lang); t != "" {
		return t
	}
	return p.T("component.untitled") + " " + short(id)
}

// componentNames is the operator's components for lists and filters.
func (v *visit) componentNames() (list []named, err error) {
	all, _, err := v.c.Components.List(v.r.Context(), v.Caller, "", 100)
	for i := range all {
		list = append(list, named{all[i].ID, v.call(&all[i].Draft, all[i].ID)})
	}
	return list, err
}

type componentsView struct {
	List []component.Component
	Next string
	Apps []app.App
}

func (c *Console) components(v *visit) (err error) {
	var view componentsView
	view.List, view.Next, err = c.Components.List(v.r.Context(), v.Caller, v.r.URL.Query().Get("cursor"), 50)
	if err != nil {
		return err
	}
	if view.Apps, err = v.apps(); err != nil {
		return err
	}
	return v.show(v.T("nav.components"), func(p *page) templ.Component { return componentsList(p, view) })
}

func (v *visit) apps() (list []app.App, err error) {
	err = v.read(func(tx *db.Tx) error {
		list, err = app.List(v.r.Context(), tx, v.Caller.Operator)
		return err
	})
	return list, err
}

func appName(list []app.App, id string) string {
	for _, a := range list {
		if a.ID == id {
			return a.Name
		}
	}
	return short(id)
}

// createComponent begins with a draft in both languages and the two fields that
// nearly every component has.
func (c *Console) createComponent(v *visit) error {
	apps, err := v.apps()
	if err != nil {
		return err
	}
	yes, no := true, false
	def := component.Definition{
		Scene: component.SceneLead, Langs: words.Langs(), Texts: map[words.Lang]component.Texts{},
		RetentionDays: 180, Verification: component.Verified, DedupeHours: 24,
		Fields: []component.Field{
			starter(component.KindPhone, "phone", &yes), starter(component.KindName, "name", &no),
		},
	}
	if len(apps) > 0 {
		def.App = apps[0].ID
	}
	if wanted := v.r.PostForm.Get("app"); wanted != "" {
		def.App = wanted
	}
	for _, l := range words.Langs() {
		def.Texts[l] = component.Texts{Operator: v.Where, Trigger: words.T(l, "console.starter.trigger"), Deletion: words.T(l, "console.starter.deletion")}
	}
	id, err := c.Components.Create(v.r.Context(), v.Caller, def)
	if err != nil {
		return err
	}
	v.redirect("/console/components/" + url.PathEscape(id) + "/edit")
	return nil
}

// starter is a field with texts to begin with.
func starter(kind component.Kind, id string, required *bool) component.Field {
	f := component.Field{ID: id, Kind: kind, Required: required, Texts: map[words.Lang]component.FieldTexts{}}
	for _, l := range words.Langs() {
		key := "console.starter." + string(kind) + "."
		t := component.FieldTexts{Label: words.T(l, key+"label"), Error: words.T(l, key+"error")}
		if words.Has(key + "hint") {
			t.Hint = words.T(l, key+"hint")
		}
		if words.Has(key + "format") {
			t.Format = words.T(l, key+"format")
		}
		f.Texts[l] = t
	}
	return f
}

type componentView struct {
	C        component.Component
	Name     string
	App      string
	Versions []component.Version
	Found    []component.Shortfall
	Edition  *norm.Edition
	// Changed says that the draft differs from the newest version.
	Changed bool
	PageURL string
	TestURL string
	Embed   string
	Leads   int // of the newest page; More when there are others
	More    bool
	Staff   map[string]string
	Targets []targetRow
}

func (c *Console) component(v *visit) error {
	view, err := c.loadComponent(v)
	if err != nil {
		return err
	}
	return v.show(view.Name, func(p *page) templ.Component { return componentPage(p, view) })
}

func (c *Console) loadComponent(v *visit) (view componentView, err error) {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	if view.C, err = c.Components.Get(ctx, v.Caller, id); err != nil {
		return view, err
	}
	view.Name = v.call(&view.C.Draft, id)
	if view.Versions, err = c.Components.Versions(ctx, v.Caller, id); err != nil {
		return view, err
	}
	apps, err := v.apps()
	if err != nil {
		return view, err
	}
	view.App = appName(apps, view.C.Draft.App)
	if err := v.read(func(tx *db.Tx) (err error) {
		view.Targets, err = v.targetRows(tx, id)
		return err
	}); err != nil {
		return view, err
	}
	view.Edition = norm.At(v.Now)
	view.Found = component.Check(view.C.Draft, view.Edition)
	view.Changed = len(view.Versions) == 0 || string(view.Versions[0].Definition.Encode()) != string(view.C.Draft.Encode())
	view.PageURL = c.BaseURL + "/c/" + id
	token, err := web.IssuePreview(c.Ring, id, v.Now)
	if err != nil {
		return view, err
	}
	view.TestURL = view.PageURL + "?preview=" + token
	view.Embed = c.embed(id)
	if v.May(access.LeadList) {
		leads, more, err := c.Leads.List(ctx, v.Caller, lead.Filter{Component: id, NoTest: true}, "", lead.MaxLimit)
		if err != nil {
			return view, err
		}
		view.Leads, view.More = len(leads), more != ""
	}
	return view, nil
}

// embed is what a site's page carries to show a component.
func (c *Console) embed(component string) string {
	return `<script src="` + c.BaseURL + `/widget/v1/clew.js" async></script>` + "\n" + `<clew-lead component="` + component + `"></clew-lead>`
}

func (c *Console) publish(v *visit) error {
	id := v.r.PathValue("id")
	number, _, err := c.Components.Publish(v.r.Context(), v.Caller, id)
	var notReady *component.NotReady
	switch {
	case errors.As(err, &notReady):
		// The editor shows the whole list beside the fields.
		return v.back("/console/components/"+url.PathEscape(id)+"/edit", flash{Tone: "bad", Key: "publish.refused"})
	case err != nil:
		return err
	}
	return v.back("/console/components/"+url.PathEscape(id), flash{Tone: "good", Key: "publish.done", Args: []string{"n", text(number)}})
}

func (c *Console) unpublish(v *visit) error {
	id := v.r.PathValue("id")
	if err := c.Components.Unpublish(v.r.Context(), v.Caller, id); err != nil {
		return err
	}
	return v.back("/console/components/"+url.PathEscape(id), flash{Tone: "good", Key: "unpublish.done"})
}

type versionView struct {
	V       component.Version
	Name    string
	Notices []consent.Notice
}

func (c *Console) componentVersion(v *visit) error {
	ctx, id := v.r.Context(), v.r.PathValue("id")
	var view versionView
	err := v.read(func(tx *db.Tx) error {
		found, err := component.ByNumber(ctx, tx, v.Caller.Operator, id, number(v.r.PathValue("n")))
		if err != nil {
			return err
		}
		view.V = *found
		for _, l := range found.Definition.Langs {
			n, err := consent.FindNotice(ctx, tx, v.Caller.Operator, id, found.Number, l)
			if err != nil {
				return err
			}
			view.Notices = append(view.Notices, n)
		}
		return nil
	})
	if err != nil {
		return err
	}
	view.Name = v.call(&view.V.Definition, id)
	return v.show(v.T("version.title", "n", view.V.Number), func(p *page) templ.Component { return versionPage(p, view) })
}
