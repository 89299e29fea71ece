package console

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"clew/access"
	"clew/app"
	"clew/component"
	"clew/norm"
	"clew/words"
)

type edition = *norm.Edition

type editorView struct {
	ID      string
	Name    string
	Def     component.Definition
	Version int // the draft version the form was made from
	Apps    []app.App
	Found   []component.Shortfall
	Edition edition
	// Bad is what keeps the draft from being kept at all; nil when nothing does.
	Bad   *component.BadDefinition
	Stale bool
	// Unsaved says that the form holds what the store does not.
	Unsaved bool
}

func editURL(id string) string { return "/console/components/" + url.PathEscape(id) + "/edit" }

func (c *Console) editor(v *visit) error {
	id := v.r.PathValue("id")
	got, err := c.Components.Get(v.r.Context(), v.Caller, id)
	if err != nil {
		return err
	}
	return c.showEditor(v, editorView{ID: id, Def: got.Draft, Version: got.DraftVersion})
}

func (c *Console) showEditor(v *visit, view editorView) (err error) {
	if view.Apps, err = v.apps(); err != nil {
		return err
	}
	view.Edition = norm.At(v.Now)
	view.Found = component.Check(view.Def, view.Edition)
	view.Name = v.call(&view.Def, view.ID)
	return v.show(v.T("editor.title", "name", view.Name), func(p *page) templ.Component { return editorPage(p, view) })
}

// saveDraft serves every button of the form. Those that add, remove or move a
// part answer with the form as it then is; nothing is stored before 保存.
func (c *Console) saveDraft(v *visit) error {
	id := v.r.PathValue("id")
	f := form{v.r.PostForm}
	view := editorView{ID: id, Def: f.definition(), Version: number(f.Get("draft_version"))}
	do := f.Get("do")
	if do != "save" && do != "publish" {
		if do != "check" {
			edit(&view.Def, do)
		}
		view.Unsaved = true
		return c.showEditor(v, view)
	}
	_, err := c.Components.SaveDraft(v.r.Context(), v.Caller, id, view.Def, view.Version)
	switch {
	case errors.As(err, &view.Bad):
		view.Unsaved = true
		return c.showEditor(v, view)
	case errors.Is(err, component.ErrStale):
		view.Unsaved, view.Stale = true, true
		return c.showEditor(v, view)
	case err != nil:
		return err
	}
	if do == "publish" && v.May(access.ComponentPublish) {
		return c.publish(v)
	}
	return v.back(editURL(id), flash{Tone: "good", Key: "editor.saved"})
}

// checkDraft answers with the norm's panel alone; nothing is stored.
func (c *Console) checkDraft(v *visit) error {
	def := form{v.r.PostForm}.definition()
	ed := norm.At(v.Now)
	var b bytes.Buffer
	if err := normPanel(v.page, component.Check(def, ed), ed, "").Render(v.r.Context(), &b); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = v.w.Write(b.Bytes())
	return nil
}

func (c *Console) preview(v *visit) error {
	got, err := c.Components.Get(v.r.Context(), v.Caller, v.r.PathValue("id"))
	if err != nil {
		return err
	}
	return v.showPreview(got.Draft)
}

func (c *Console) previewDraft(v *visit) error { return v.showPreview(form{v.r.PostForm}.definition()) }

func (v *visit) showPreview(def component.Definition) error {
	lang := words.Lang(v.r.URL.Query().Get("as"))
	if !lang.Valid() {
		lang = v.Lang
	}
	v.Lang = def.Speaks(lang)
	v.w.Header().Set("Content-Security-Policy", previewCSP)
	v.Title = v.T("preview.title")
	return v.write(http.StatusOK, previewPage(v.page, def))
}

// form is the editor's form as it was sent.
type form struct{ url.Values }

// definition reads the form. Names are the definition's own paths with dots:
// "texts.zh.purpose", "fields.0.label.zh". What is missing stays empty: the norm
// says so, not the form.
func (f form) definition() component.Definition {
	d := component.Definition{
		Scene: component.SceneLead, App: f.Get("app"), Texts: map[words.Lang]component.Texts{},
		RetentionDays: number(f.Get("retention_days")), DedupeHours: number(f.Get("dedupe_hours")),
		Verification: component.Verification(f.Get("verification")),
	}
	for _, l := range words.Langs() {
		if !slices.Contains(f.Values["langs"], string(l)) {
			continue
		}
		d.Langs = append(d.Langs, l)
		at := "texts." + string(l) + "."
		t := component.Texts{
			Operator: f.line(at + "operator"), Title: f.line(at + "title"), Trigger: f.line(at + "trigger"),
			Purpose: f.block(at + "purpose"), Scope: f.block(at + "scope"), Manner: f.block(at + "manner"), Benefit: f.block(at + "benefit"),
			PrivacyURL: f.line(at + "privacy_url"), PrivacyText: f.block(at + "privacy_text"),
			Complaint: f.line(at + "complaint"), Deletion: f.block(at + "deletion"),
		}
		for i := range min(number(f.Get("recipients")), maxRows) {
			r := at + "recipients." + strconv.Itoa(i) + "."
			t.Recipients = append(t.Recipients, component.Recipient{Name: f.line(r + "name"), Contact: f.line(r + "contact"), Purpose: f.line(r + "purpose")})
		}
		d.Texts[l] = t
	}
	for i := range min(number(f.Get("fields")), maxRows) {
		d.Fields = append(d.Fields, f.field("fields."+strconv.Itoa(i)+".", d.Langs))
	}
	return d
}

// maxRows bounds what a form may repeat; the room's own bounds are lower.
const maxRows = 40

func (f form) field(at string, langs []words.Lang) component.Field {
	out := component.Field{
		ID: f.line(at + "id"), Kind: component.Kind(f.Get(at + "kind")), Texts: map[words.Lang]component.FieldTexts{},
		MaxLength: number(f.Get(at + "max_length")),
	}
	switch f.Get(at + "required") {
	case "yes":
		out.Required = new(true)
	case "no":
		out.Required = new(false)
	}
	out.Min, out.Max = bound(f.Get(at+"min")), bound(f.Get(at+"max"))
	for _, l := range langs {
		out.Texts[l] = component.FieldTexts{
			Label: f.line(at + "label." + string(l)), Hint: f.line(at + "hint." + string(l)),
			Format: f.line(at + "format." + string(l)), Error: f.line(at + "error." + string(l)),
		}
	}
	for i := range min(number(f.Get(at+"choices")), maxRows) {
		c := at + "choices." + strconv.Itoa(i) + "."
		o := component.Option{ID: f.line(c + "id"), Label: map[words.Lang]string{}}
		for _, l := range langs {
			o.Label[l] = f.line(c + "label." + string(l))
		}
		out.Choices = append(out.Choices, o)
	}
	return out
}

func (f form) line(name string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\n", " ", "\t", " ").Replace(f.Get(name)))
}

func (f form) block(name string) string {
	return strings.TrimSpace(strings.NewReplacer("\r", "", "\t", " ").Replace(f.Get(name)))
}

func bound(s string) *float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return nil
	}
	return &n
}

// edit does what a button of the form says: "field:add:text", "field:up:2",
// "choice:remove:2.0", "recipient:add". What it does not understand it leaves.
func edit(d *component.Definition, do string) {
	part := strings.Split(do, ":")
	if len(part) < 2 {
		return
	}
	arg := ""
	if len(part) > 2 {
		arg = part[2]
	}
	switch part[0] {
	case "field":
		d.Fields = editFields(d.Fields, part[1], arg)
	case "choice":
		at, nth, _ := strings.Cut(arg, ".")
		i := number(at)
		if i < 0 || i >= len(d.Fields) {
			return
		}
		f := &d.Fields[i]
		if part[1] == "add" {
			f.Choices = append(f.Choices, component.Option{ID: freeID("option", func(id string) bool {
				return slices.ContainsFunc(f.Choices, func(o component.Option) bool { return o.ID == id })
			}), Label: map[words.Lang]string{}})
		} else {
			f.Choices = move(f.Choices, part[1], number(nth))
		}
	case "recipient":
		for l, t := range d.Texts {
			if part[1] == "add" {
				t.Recipients = append(t.Recipients, component.Recipient{})
			} else {
				t.Recipients = move(t.Recipients, part[1], number(arg))
			}
			d.Texts[l] = t
		}
	}
}

func editFields(list []component.Field, verb, arg string) []component.Field {
	if verb != "add" {
		return move(list, verb, number(arg))
	}
	kind := component.Kind(arg)
	if !slices.Contains(component.Kinds(), kind) {
		return list
	}
	f := starter(kind, freeID(arg, func(id string) bool {
		return slices.ContainsFunc(list, func(f component.Field) bool { return f.ID == id })
	}), new(kind == component.KindPhone))
	if kind == component.KindChoice {
		for _, id := range []string{"option", "option_2"} {
			f.Choices = append(f.Choices, component.Option{ID: id, Label: map[words.Lang]string{}})
		}
	}
	return append(list, f)
}

// move takes one element of a list up, down or away.
func move[T any](list []T, verb string, i int) []T {
	switch {
	case i < 0 || i >= len(list):
	case verb == "remove":
		return slices.Delete(list, i, i+1)
	case verb == "up" && i > 0:
		list[i-1], list[i] = list[i], list[i-1]
	case verb == "down" && i < len(list)-1:
		list[i+1], list[i] = list[i], list[i+1]
	}
	return list
}

// freeID is base, or base with the first number that is not taken.
func freeID(base string, taken func(string) bool) string {
	id := base
	for n := 2; taken(id); n++ {
		id = base + "_" + strconv.Itoa(n)
	}
	return id
}

// fieldID is the id of the input for a path into a definition. Texts of a field
// stand together under the field, whatever the path says of their language.
func fieldID(path string) string {
	part := strings.Split(strings.Trim(path, "/"), "/")
	if len(part) >= 5 && part[0] == "fields" && part[2] == "texts" {
		part = []string{part[0], part[1], part[4], part[3]}
	}
	if len(part) >= 6 && part[0] == "fields" && part[2] == "choices" && part[4] == "label" {
		part = []string{part[0], part[1], part[2], part[3], "label", part[5]}
	}
	id := strings.Join(part, "-")
	if id == "" || id == "scene" {
		return "definition"
	}
	return id
}

func violations(found []component.Shortfall) (n int) {
	for _, s := range found {
		if s.Verdict == component.Violation {
			n++
		}
	}
	return n
}

func clauseTitle(ed edition, id string, lang words.Lang) string {
	c, ok := ed.Clause(id)
	switch {
	case !ok:
		return ""
	case lang == words.EN:
		return c.Meaning.EN
	}
	return c.Title
}

func clauseMeaning(ed edition, id string, lang words.Lang) string {
	c, _ := ed.Clause(id)
	if lang == words.EN {
		return c.Meaning.EN
	}
	return c.Meaning.ZH
}
