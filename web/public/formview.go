package public

import (
	"net/http"

	"clew/component"
	"clew/web"
	"clew/words"
)

// formView is the form as it stands: the component's questions with what was
// typed so far.
func (p *Pages) formView(r *http.Request, v *component.Version, d web.Definition, in posted, test bool) formView {
	lang := words.Lang(d.Lang)
	f := p.operatorFrame(r, v, lang)
	f.Title, f.Test, f.Private = d.Title, test, true
	query := "?lang=" + d.Lang
	view := formView{
		frame: f, Token: in.token, Notice: noticeFacts(f, d), Submit: f.t("form.submit"),
		Back:     f.Home,
		Action:   withPreview("/c/"+d.ID+"/form"+query, r) + "#now",
		Decline:  withPreview("/c/"+d.ID+"/decline"+query, r),
		Verified: d.Verification == string(component.Verified), CodeID: in.codeID, Code: in.code, CodeSent: in.codeID != "",
	}
	for _, c := range d.Choices {
		view.Choices = append(view.Choices, choiceView{
			At: "choice-" + c.ID, Name: choiceName + c.ID, Text: c.Text, Required: c.Required, Accepted: in.choices[c.ID],
		})
	}
	for _, x := range d.Fields {
		field := fieldView{
			At: "answer-" + x.ID, Name: answerName + x.ID, Kind: x.Kind, Label: x.Label, Required: x.Required,
			Hint: x.Hint, Value: in.answers[x.ID], Autocomplete: x.Autocomplete, InputMode: x.InputMode,
		}
		if x.Format != "" && x.Format != x.Hint {
			if field.Hint != "" {
				field.Hint += f.t("sentence")
			}
			field.Hint += x.Format
		}
		for _, o := range x.Choices {
			field.Options = append(field.Options, option{o.Value, o.Label})
		}
		view.Fields = append(view.Fields, field)
	}
	return view
}

// refused marks the needed consents that were not given; until they are, nothing
// that was typed is looked at.
func (v *formView) refused(in posted, d web.Definition) bool {
	refused := false
	for i, c := range d.Choices {
		if c.Required && !in.choices[c.ID] {
			refused = true
			v.Choices[i].Error = v.t("errors.consent_short")
			v.Errors = append(v.Errors, errorLine{v.Choices[i].At, v.t("errors.consent", "text", c.Text)})
		}
	}
	return refused
}

// judge marks everything wrong with the answers, as intake would.
func (v *formView) judge(version *component.Version, in posted) {
	_, problems := version.Definition.Parse(in.answers, v.Lang)
	var all []web.FieldError
	for _, x := range problems {
		all = append(all, web.FieldError{Field: x.Field, Code: x.Code, Message: x.Message})
	}
	if v.Verified && (in.codeID == "" || in.code == "") {
		all = append(all, web.FieldError{Field: "code", Code: "code_missing", Message: words.T(v.Lang, "problem.field.code_missing")})
	}
	v.problems(all)
}

// problems puts each problem at its field and, in the order of the page, into the
// summary.
func (v *formView) problems(all []web.FieldError) {
	at := map[string]string{}
	for _, x := range all {
		at[x.Field] = x.Message
	}
	for i := range v.Fields {
		x := &v.Fields[i]
		id := x.Name[len(answerName):]
		if message, wrong := at[id]; wrong {
			x.Error = message
			v.Errors = append(v.Errors, errorLine{x.At, x.Label + v.t("colon") + message})
			delete(at, id)
		}
		if message, wrong := at["code"]; wrong && x.Kind == kindPhone {
			v.codeWrong(message)
			delete(at, "code")
		}
	}
	for _, x := range all {
		if message, left := at[x.Field]; left {
			v.Errors = append(v.Errors, errorLine{"", message})
			delete(at, x.Field)
		}
	}
}

func (v *formView) codeWrong(message string) {
	v.CodeError = message
	v.Errors = append(v.Errors, errorLine{"code", message})
}
