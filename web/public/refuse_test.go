package public

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"clew/component"
	"clew/consent"
	"clew/seal"
	"clew/web"
	"clew/words"
)

const agreed = choiceName + component.ContactChoice

// Everything that must not be taken: each with the status it gets and a word of
// the page that says why. Nothing of it is stored.
func TestRefusedForms(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		form := w.url + "/c/" + w.component + "/form"
		mine := number()
		good := func() url.Values {
			return url.Values{"form_token": {w.form()}, "do": {"submit"}, agreed: {"yes"}, "answer.phone": {mine}}
		}
		with := func(name, value string) url.Values { v := good(); v.Set(name, value); return v }
		without := func(name string) url.Values { v := good(); v.Del(name); return v }
		header := func(name, value string) func(*http.Request) {
			return func(r *http.Request) {
				if r.Header.Del(name); value != "" {
					r.Header.Set(name, value)
				}
			}
		}
		sheet, err := web.Shown(w.pages.Ring, w.live(), words.ZH, false, w.pages.DB.Now())
		w.must(err)
		other := consent.Form{
			Component: "cmp_other", Version: 1, NoticeHash: "sha256:0", Lang: words.ZH, IssuedAt: w.pages.DB.Now().UnixMilli(),
			Via: consent.ViaPage, TriggeredAt: w.pages.DB.Now().UnixMilli(),
		}
		otherToken, err := consent.IssueForm(w.pages.Ring, other, 0)
		w.must(err)
		forged, err := consent.IssueForm(seal.NewRing(time.Now(), true), other, 0)
		w.must(err)
		genuine := w.form()

		for name, c := range map[string]struct {
			values url.Values
			change []func(*http.Request)
			status int
			says   string
		}{
			"too large":           {with("answer.name", strings.Repeat("x", maxForm)), nil, 413, "内容过大"},
			"JSON":                {good(), []func(*http.Request){header("Content-Type", "application/json")}, 415, "内容类型不对"},
			"no content type":     {good(), []func(*http.Request){header("Content-Type", "")}, 415, "内容类型不对"},
			"multipart":           {good(), []func(*http.Request){header("Content-Type", "multipart/form-data; boundary=x")}, 415, "内容类型不对"},
			"unknown name":        {with("next", "1"), nil, 400, "没有提交"},
			"unknown question":    {with("answer.id_number", "1"), nil, 400, "没有提交"},
			"unknown consent":     {with("choice.everything", "yes"), nil, 400, "没有提交"},
			"consent of a sort":   {with(agreed, "on"), nil, 400, "没有提交"},
			"a name twice":        {url.Values{"form_token": {genuine, genuine}, agreed: {"yes"}, "answer.phone": {mine}}, nil, 400, "没有提交"},
			"unknown button":      {with("do", "skip"), nil, 400, "没有提交"},
			"another site":        {good(), []func(*http.Request){header("Sec-Fetch-Site", "cross-site"), header("Origin", "https://evil.example")}, 403, "另一个网站"},
			"another site, older": {good(), []func(*http.Request){header("Sec-Fetch-Site", ""), header("Origin", "https://evil.example")}, 403, "另一个网站"},
			"no origin to tell":   {good(), []func(*http.Request){header("Sec-Fetch-Site", ""), header("Origin", "null")}, 403, "另一个网站"},
			"same site only":      {good(), []func(*http.Request){header("Sec-Fetch-Site", "same-site"), header("Origin", "https://shop.example")}, 403, "另一个网站"},
			"no form token":       {without("form_token"), nil, 422, "请从原页面打开表单"},
			"tampered form token": {with("form_token", genuine[:40]+"x"+genuine[41:]), nil, 422, "请从原页面打开表单"},
			"forged form token":   {with("form_token", forged), nil, 422, "请从原页面打开表单"},
			"another component's": {with("form_token", otherToken), nil, 422, "请从原页面打开表单"},
			"the sheet's token":   {with("form_token", sheet.FormToken), nil, 422, "请从原页面打开表单"},
			"no consent":          {without(agreed), nil, 422, "请勾选"},
			"no number":           {without("answer.phone"), nil, 422, "手机号"},
			"number too short":    {with("answer.phone", "138001"), nil, 422, "11 位"},
			"unseen characters":   {with("answer.name", "a\u202eb"), nil, 422, "特殊字符"},
			"no such choice":      {with("answer.question", "divorce"), nil, 422, "请从列出的选项中选择"},
			"a city with digits":  {with("answer.city", "杭州 110"), nil, 422, "省和市的名称"},
		} {
			t.Run(name, func(t *testing.T) {
				resp, body := w.post(form, c.values, c.change...)
				if resp.StatusCode != c.status || !strings.Contains(body, c.says) {
					t.Errorf("got %d, want %d with %q:\n%s", resp.StatusCode, c.status, c.says, body)
				}
				if resp.Header.Get("Content-Security-Policy") != policyBare || !strings.Contains(body, `<html lang="zh-CN">`) {
					t.Error("the refusal is no proper page")
				}
			})
		}
		for _, table := range []string{"lead", "receipt", "lead_index", "lead_once"} {
			if n := w.rows(table); n != 0 {
				t.Errorf("%d rows in %s", n, table)
			}
		}
		w.clean(mine)
	})
}

// clean fails the test when the number is in the log.
func (w *world) clean(number string) {
	w.t.Helper()
	if log := w.log.String(); strings.Contains(log, number) || strings.Contains(log, number[3:]) {
		w.t.Error("a phone number is in the log")
	}
}

func (w *world) live() *component.Version {
	w.t.Helper()
	v, _, err := w.pages.live(w.t.Context(), w.component)
	w.must(err)
	return v
}

func TestFormsGrowOld(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		form, trigger := w.form(), w.trigger(words.ZH)
		w.clock.Advance(consent.FormLife)
		resp, body := w.post(w.url+"/c/"+w.component+"/form", url.Values{"form_token": {form}, agreed: {"yes"}, "answer.phone": {number()}})
		if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "已失效") || !strings.Contains(body, `href="/c/`+w.component) {
			t.Errorf("an old form: %d\n%s", resp.StatusCode, body)
		}
		w.clock.Advance(consent.TriggerLife)
		resp, body = w.get(trigger)
		if resp.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "请从原页面打开表单") {
			t.Errorf("an old link: %d\n%s", resp.StatusCode, body)
		}
		if resp, _ := w.get(w.url + "/c/" + w.component + "/form"); resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("no link at all: %d", resp.StatusCode)
		}
		// A clock that goes back makes no form valid that was made later.
		w.clock.Advance(-consent.FormLife - consent.TriggerLife - time.Hour)
		if resp, _ := w.get(trigger); resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a link from the future: %d", resp.StatusCode)
		}
		if n := w.rows("lead"); n != 0 {
			t.Errorf("%d leads", n)
		}
	})
}

func TestOneFormIsOneLead(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		values := url.Values{"form_token": {w.form()}, "do": {"submit"}, agreed: {"yes"}, "answer.phone": {number()}}
		form := w.url + "/c/" + w.component + "/form"
		first, _ := w.post(form, values)
		second, _ := w.post(form, values)
		if first.StatusCode != http.StatusSeeOther || first.Header.Get("Location") != second.Header.Get("Location") {
			t.Errorf("twice: %d %d", first.StatusCode, second.StatusCode)
		}
		if n := w.rows("lead"); n != 1 {
			t.Errorf("%d leads", n)
		}
		values.Set("answer.name", "王女士")
		resp, body := w.post(form, values)
		if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "已经提交过") {
			t.Errorf("changed: %d\n%s", resp.StatusCode, body)
		}
		if n := w.rows("receipt"); n != 1 {
			t.Errorf("%d receipts", n)
		}
	})
}

func TestClosedCapability(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		trigger, form := w.trigger(words.ZH), w.form()
		w.suspend("收集范围超出必要", "CASE-7")
		for name, ask := range map[string]func() (*http.Response, string){
			"page": func() (*http.Response, string) { return w.get(w.path(words.ZH)) },
			"link": func() (*http.Response, string) { return w.get(trigger) },
			"form": func() (*http.Response, string) {
				return w.post(w.url+"/c/"+w.component+"/form", url.Values{"form_token": {form}, agreed: {"yes"}, "answer.phone": {number()}})
			},
		} {
			resp, body := ask()
			if resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %d", name, resp.StatusCode)
			}
			for _, says := range []string{"已暂停收集", "CASE-7", "收集范围超出必要", "privacy@qingzhou-law.example", "仍然可以查看、撤回或删除"} {
				if !strings.Contains(body, says) {
					t.Errorf("%s does not say %q:\n%s", name, says, body)
				}
			}
			if strings.Contains(body, "clew-lead") || strings.Contains(body, "<form") {
				t.Errorf("%s still asks for something", name)
			}
		}
		if n := w.rows("lead"); n != 0 {
			t.Errorf("%d leads", n)
		}
	})
}

func TestInvalidComponent(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		trigger, form := w.trigger(words.ZH), w.form()
		w.invalidate()
		for name, ask := range map[string]func() (*http.Response, string){
			"page": func() (*http.Response, string) { return w.get(w.path(words.ZH)) },
			"link": func() (*http.Response, string) { return w.get(trigger) },
			"form": func() (*http.Response, string) {
				return w.post(w.url+"/c/"+w.component+"/form", url.Values{"form_token": {form}, agreed: {"yes"}, "answer.phone": {number()}})
			},
		} {
			resp, body := ask()
			if resp.StatusCode != http.StatusForbidden {
				t.Errorf("%s: %d", name, resp.StatusCode)
			}
			for _, says := range []string{"已停止收集", "没有上线或没有开放", "privacy@qingzhou-law.example", "仍然可以查看、撤回或删除"} {
				if !strings.Contains(body, says) {
					t.Errorf("%s does not say %q:\n%s", name, says, body)
				}
			}
			if strings.Contains(body, "clew-lead") || strings.Contains(body, "<form") {
				t.Errorf("%s still asks for something", name)
			}
		}
		if n := w.rows("lead"); n != 0 {
			t.Errorf("%d leads", n)
		}
	})
}

func TestTakenDownAndUnknown(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		trigger, form := w.trigger(words.EN), w.form()
		w.must(w.components.Unpublish(t.Context(), w.owner, w.component))
		for _, ask := range []func() (*http.Response, string){
			func() (*http.Response, string) { return w.get(w.path(words.EN)) },
			func() (*http.Response, string) { return w.get(trigger) },
			func() (*http.Response, string) {
				return w.post(w.url+"/c/"+w.component+"/form?lang=en", url.Values{"form_token": {form}, agreed: {"yes"}})
			},
		} {
			if resp, body := ask(); resp.StatusCode != http.StatusGone || !strings.Contains(body, "privacy@qingzhou-law.example") {
				t.Errorf("taken down: %d\n%s", resp.StatusCode, body)
			}
		}
		for _, address := range []string{"/c/cmp_nobody", "/c/cmp_nobody?lang=en", "/c/%00", "/c/" + strings.Repeat("x", 3000)} {
			if resp, body := w.get(w.url + address); resp.StatusCode != http.StatusNotFound || !strings.Contains(body, "<h1>") {
				t.Errorf("%.40s: %d\n%s", address, resp.StatusCode, body)
			}
		}
	})
}

// A notice that changes while somebody reads it must be read again: what was typed
// stays, the box does not stay ticked.
func TestNoticeChangesMeanwhile(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		values := url.Values{"form_token": {w.form()}, "do": {"submit"}, agreed: {"yes"}, "answer.phone": {number()}, "answer.city": {"杭州"}}
		w.republish(func(d *component.Definition) {
			text := d.Texts[words.ZH]
			text.Purpose = "由律师回电，并在之后寄送一份书面意见。"
			d.Texts[words.ZH] = text
		})
		form := w.url + "/c/" + w.component + "/form"
		resp, body := w.post(form, values)
		if resp.StatusCode != http.StatusConflict || !strings.Contains(body, "告知内容在您填写时更新了") ||
			!strings.Contains(body, "书面意见") || !strings.Contains(body, `value="杭州"`) || strings.Contains(body, " checked") {
			t.Fatalf("stale: %d\n%s", resp.StatusCode, body)
		}
		if n := w.rows("lead"); n != 0 {
			t.Fatalf("%d leads", n)
		}
		values.Set("form_token", hidden(t, body, "form_token"))
		if resp, body = w.post(form, values); resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("again: %d\n%s", resp.StatusCode, body)
		}
		receipt, _ := w.receipt(strings.Split(resp.Header.Get("Location"), "?")[0])
		if receipt.NoticeVersion != 2 || receipt.Form.TriggeredAt == 0 {
			t.Errorf("receipt of version %d, followed at %d", receipt.NoticeVersion, receipt.Form.TriggeredAt)
		}
	})
}

func TestDeclineIsCountedWithoutData(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		decline := w.url + "/c/" + w.component + "/decline?lang=en"
		resp, _ := w.post(decline, url.Values{"form_token": {w.form()}})
		back := resp.Header.Get("Location")
		if resp.StatusCode != http.StatusSeeOther || back != "/c/"+w.component+"?lang=en&declined=1" {
			t.Fatalf("%d to %s", resp.StatusCode, back)
		}
		if _, body := w.get(w.url + back); !strings.Contains(body, "You submitted nothing") || !strings.Contains(body, "<clew-lead") {
			t.Errorf("the page is not as before:\n%s", body)
		}
		if w.rows("refusal") != 1 || w.rows("lead") != 0 {
			t.Errorf("%d refusals, %d leads", w.rows("refusal"), w.rows("lead"))
		}
		// Nothing that was typed may travel with a no.
		if resp, _ := w.post(decline, url.Values{"form_token": {w.form()}, "surname": {"x"}}); resp.StatusCode != http.StatusBadRequest {
			t.Errorf("with more: %d", resp.StatusCode)
		}
		// A form too old to count lets people go all the same.
		old := w.form()
		w.clock.Advance(consent.FormLife)
		if resp, _ := w.post(decline, url.Values{"form_token": {old}}); resp.StatusCode != http.StatusSeeOther || w.rows("refusal") != 1 {
			t.Errorf("old: %d, %d refusals", resp.StatusCode, w.rows("refusal"))
		}
	})
}

func TestCodes(t *testing.T) {
	each(t, nil, func(t *testing.T, w *world) {
		form := w.url + "/c/" + w.component + "/form"
		mine := number()
		values := url.Values{"form_token": {w.form()}, "do": {"code"}, "answer.phone": {mine}, "answer.name": {"<b>王女士"}}
		step := func(what string, status int, says string) string {
			t.Helper()
			resp, body := w.post(form, values)
			if resp.StatusCode != status || !strings.Contains(body, says) {
				t.Fatalf("%s: %d, want %d with %q\n%s", what, resp.StatusCode, status, says, body)
			}
			return body
		}
		step("no consent, no code", 422, "请勾选")
		if len(w.sms.Messages()) != 0 {
			t.Fatal("a code was sent before consent")
		}
		values.Set(agreed, "yes")
		body := step("code", 200, "验证码已发送")
		for _, kept := range []string{`value="` + mine + `"`, "checked", "&lt;b&gt;王女士"} {
			if !strings.Contains(body, kept) {
				t.Errorf("the page lost %s:\n%s", kept, body)
			}
		}
		right := w.code()
		values.Set("code_id", hidden(t, body, "code_id"))
		body = step("again at once", 429, "之后重试")
		if hidden(t, body, "code_id") != values.Get("code_id") {
			t.Error("the code that was sent is forgotten")
		}
		values.Set("do", "submit")
		step("without digits", 422, "请先获取验证码")
		values.Set("code", "000000")
		if right == "000000" {
			values.Set("code", "000001")
		}
		step("wrong digits", 422, "验证码不对")
		values.Set("code", right)
		values.Set("answer.phone", number())
		step("another number", 422, "请为这个号码重新获取验证码")
		values.Set("answer.phone", mine)
		// As some keyboards and some people write it.
		values.Set("code", strings.Map(func(c rune) rune { return c - '0' + '\uFF10' }, right[:3])+" "+right[3:])
		resp, body := w.post(form, values)
		if resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("right digits: %d\n%s", resp.StatusCode, body)
		}
		if w.rows("lead") != 1 {
			t.Errorf("%d leads", w.rows("lead"))
		}
		values.Set("form_token", w.form())
		step("used", 422, "验证码已使用过")
		w.clean(mine)
	})
}

func TestPreviewIsATest(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		token, err := web.IssuePreview(w.pages.Ring, w.component, w.pages.DB.Now())
		w.must(err)
		_, body := w.get(w.path(words.ZH) + "&preview=" + token)
		if !strings.Contains(body, "测试页") || !strings.Contains(body, `preview="`+token+`"`) {
			t.Fatalf("no banner, or none for the element:\n%s", body)
		}
		link := w.url + strings.ReplaceAll(regexp.MustCompile(`href="(/c/[^"]+/form\?[^"]+)"`).FindStringSubmatch(body)[1], "&amp;", "&")
		_, body = w.get(link)
		if !strings.Contains(body, "测试页") {
			t.Fatal("the form has no banner")
		}
		resp, _ := w.post(w.url+"/c/"+w.component+"/form", url.Values{
			"form_token": {hidden(t, body, "form_token")}, "do": {"submit"}, agreed: {"yes"}, "answer.phone": {number()},
		})
		path, _, _ := strings.Cut(resp.Header.Get("Location"), "?")
		if receipt, _ := w.receipt(path); !receipt.Test {
			t.Error("the receipt is no test")
		}
		if _, body := w.get(w.url + path); !strings.Contains(body, "测试页") {
			t.Error("the person's page has no banner")
		}
		other, err := web.IssuePreview(w.pages.Ring, "cmp_other", w.pages.DB.Now())
		w.must(err)
		for _, bad := range []string{"x", token + "A", other} {
			if resp, body := w.get(w.path(words.ZH) + "&preview=" + bad); resp.StatusCode != http.StatusUnprocessableEntity || strings.Contains(body, "clew-lead") {
				t.Errorf("preview %.10s…: %d", bad, resp.StatusCode)
			}
		}
	})
}

// A form arrives as text from anybody.
func FuzzParseForm(f *testing.F) {
	for _, s := range []string{
		"", "form_token=a&do=submit&answer.phone=1&choice.contact=yes&code=12%203456&code_id=c", "a=%zz", "do=code&do=code", "answer.=x", ";", "code=" + strings.Repeat("9", 40),
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		in, err := parseForm(body)
		if err != nil {
			return
		}
		if len(in.code) > 12 || len(in.codeID) > 64 || in.do != "" && in.do != "code" && in.do != "submit" {
			t.Errorf("took %q", body)
		}
		values, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range in.answers {
			if values.Get(answerName+name) != value {
				t.Errorf("answer %q is not what was sent", name)
			}
		}
		for name := range in.choices {
			if values.Get(choiceName+name) != "yes" {
				t.Errorf("consent %q was not given", name)
			}
		}
	})
}
