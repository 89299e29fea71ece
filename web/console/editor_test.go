package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clew/access"
	"clew/component"
	"clew/words"
)

// The editor's form holds the whole definition: what is read back is what was shown.
func TestEditorKeepsADefinition(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		def := component.Sample(w.app)
		low, high := 1.0, 9.5
		def.Fields = append(def.Fields, component.Field{
			ID: "rooms", Kind: component.KindNumber, Required: new(false), Min: &low, Max: &high, MaxLength: 5,
			Texts: map[words.Lang]component.FieldTexts{words.ZH: {Label: "房间数", Error: "请填写数字。"}, words.EN: {Label: "Rooms", Error: "Digits."}},
		})
		for l, text := range def.Texts {
			text.Recipients = []component.Recipient{{Name: "合作律所 " + string(l), Contact: "a@b.example", Purpose: "接待"}}
			def.Texts[l] = text
		}
		id, err := w.c.Components.Create(t.Context(), w.owner, def)
		w.must(err)
		v := w.as(access.RoleOwner)
		_, body := v.get(editURL(id))
		values := formValues(t, body)
		if got := (form{values}).definition(); string(got.Encode()) != string(def.Encode()) {
			t.Errorf("the form lost something:\n%s\n%s", got.Encode(), def.Encode())
		}
		before := len(def.Fields)
		for _, step := range []struct {
			do     string
			fields int
		}{{"field:add:date", before + 1}, {"field:up:0", before}, {"field:remove:1", before - 1}, {"recipient:add", before}, {"choice:add:99", before}, {"nonsense", before}, {"field:remove:-1", before}, {"field:add:nonsense", before}} {
			changed := url.Values{}
			for k, vs := range values {
				changed[k] = vs
			}
			changed.Set("do", step.do)
			status, body := v.post(editURL(id), changed)
			if status != http.StatusOK || !strings.Contains(body, fmt.Sprintf(`name="fields" value="%d"`, step.fields)) {
				t.Errorf("%s: %d", step.do, status)
			}
		}
		stored, err := w.c.Components.Get(t.Context(), w.owner, id)
		w.must(err)
		if stored.DraftVersion != 1 {
			t.Error("a button that saves nothing saved")
		}
		values.Set("do", "save")
		values.Set("texts.zh.title", "新的标题")
		if status, _ := v.post(editURL(id), values); status != http.StatusSeeOther {
			t.Errorf("save answered %d", status)
		}
		values.Set("texts.zh.title", "别人的标题")
		if status, body := v.post(editURL(id), values); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.editor.stale")) || !strings.Contains(body, "别人的标题") {
			t.Errorf("a stale save answered %d, or what was typed is lost", status)
		}
		stored, err = w.c.Components.Get(t.Context(), w.owner, id)
		w.must(err)
		if stored.Draft.Texts[words.ZH].Title != "新的标题" {
			t.Error("a stale save was stored")
		}
		values.Set("draft_version", "2")
		values.Set("fields.0.id", "Not An Id")
		if status, body := v.post(editURL(id), values); status != http.StatusOK || !strings.Contains(body, words.T(words.ZH, "console.editor.bad")) {
			t.Errorf("an id that is none answered %d", status)
		}
	})
}

var (
	inputTag    = regexp.MustCompile(`<input[^>]*>`)
	areaTag     = regexp.MustCompile(`(?s)<textarea([^>]*)>(.*?)</textarea>`)
	selectTag   = regexp.MustCompile(`(?s)<select([^>]*)>(.*?)</select>`)
	optionTag   = regexp.MustCompile(`<option value="([^"]*)"( selected)?`)
	attribute   = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	unescapeAll = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'")
)

// formValues reads a page's inputs as a browser would send them.
func formValues(t *testing.T, body string) url.Values {
	t.Helper()
	attrs := func(tag string) map[string]string {
		m := map[string]string{}
		for _, a := range attribute.FindAllStringSubmatch(tag, -1) {
			m[a[1]] = unescapeAll.Replace(a[2])
		}
		return m
	}
	values := url.Values{}
	body = body[strings.Index(body, `id="definition"`):]
	for _, tag := range inputTag.FindAllString(body, -1) {
		a := attrs(tag)
		if a["name"] != "" && (a["type"] != "checkbox" || strings.Contains(tag, " checked")) {
			values.Add(a["name"], a["value"])
		}
	}
	for _, m := range areaTag.FindAllStringSubmatch(body, -1) {
		values.Add(attrs(m[1])["name"], unescapeAll.Replace(m[2]))
	}
	for _, m := range selectTag.FindAllStringSubmatch(body, -1) {
		options := optionTag.FindAllStringSubmatch(m[2], -1)
		if len(options) == 0 {
			continue
		}
		chosen := options[0][1]
		for _, o := range options {
			if o[2] != "" {
				chosen = o[1]
			}
		}
		values.Add(attrs(m[1])["name"], unescapeAll.Replace(chosen))
	}
	return values
}

func TestPublishIsRefusedThenAccepted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, draft := w.furnish()
		v := w.as(access.RoleOwner)
		_, body := v.get(editURL(draft))
		values := formValues(t, body)
		values.Set("do", "publish")
		resp, _ := v.answer(editURL(draft), values)
		if resp.Header.Get("Location") != editURL(draft) {
			t.Errorf("publishing leads to %s", resp.Header.Get("Location"))
		}
		_, body = v.get(editURL(draft))
		if !strings.Contains(body, words.T(words.ZH, "console.publish.refused")) || !strings.Contains(body, `href="#texts-zh-purpose"`) || !strings.Contains(body, `id="texts-zh-purpose"`) {
			t.Error("the refusal does not lead to the field")
		}
		values = formValues(t, body)
		values.Set("do", "publish")
		values.Set("texts.zh.purpose", "由顾问回电，介绍您关心的房源。")
		values.Set("texts.zh.benefit", "一次不收费的电话介绍。")
		if resp, _ := v.answer(editURL(draft), values); resp.Header.Get("Location") != "/console/components/"+draft {
			t.Errorf("publishing leads to %s", resp.Header.Get("Location"))
		}
		c, err := w.c.Components.Get(t.Context(), w.owner, draft)
		w.must(err)
		if c.Live != 1 {
			t.Errorf("live is %d", c.Live)
		}
		if status, body := v.get("/console/components/" + draft + "/versions/1"); status != http.StatusOK || !strings.Contains(body, "sha256:") || !strings.Contains(body, "介绍您关心的房源") {
			t.Errorf("the version's page: %d", status)
		}
	})
}

func TestEveryPathOfAShortfallHasAnInput(t *testing.T) {
	for path, want := range map[string]string{
		"/texts/zh/purpose": "texts-zh-purpose", "/fields/0/texts/en/label": "fields-0-label-en", "/fields/2/choices": "fields-2-choices",
		"/fields/1/required": "fields-1-required", "/fields/1/choices/0/label/zh": "fields-1-choices-0-label-zh",
		"/scene": "definition", "": "definition", "/retention_days": "retention_days", "/texts/zh/recipients/0/contact": "texts-zh-recipients-0-contact",
	} {
		if got := fieldID(path); got != want {
			t.Errorf("%s leads to #%s, want #%s", path, got, want)
		}
	}
}

// What comes from a browser is read without harm, whatever it is.
func FuzzEditorForm(f *testing.F) {
	f.Add("fields=2&fields.0.kind=choice&fields.0.choices=3&do=choice:remove:0.1&langs=zh", "choice:up:0.9")
	f.Add("fields=-1&recipients=99999&langs=en", "field:add:phone")
	f.Fuzz(func(t *testing.T, raw, do string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		def := form{values}.definition()
		edit(&def, do)
		if len(def.Fields) > maxRows+1 {
			t.Errorf("%d fields", len(def.Fields))
		}
	})
}
