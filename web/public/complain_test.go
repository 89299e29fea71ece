package public

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"clew/browsertest"
	"clew/casework"
	"clew/consent"
	"clew/db"
	"clew/words"
)

var (
	shownNumber = regexp.MustCompile(`class="number">([^<]+)<`)
	shownKey    = regexp.MustCompile(`class="address">([^<]+)<`)
)

// given reads number and key off the page that hands them over.
func given(t *testing.T, body string) (number, key string) {
	t.Helper()
	n, k := shownNumber.FindStringSubmatch(body), shownKey.FindStringSubmatch(body)
	if n == nil || k == nil {
		t.Fatalf("no number and key:\n%s", body)
	}
	return n[1], k[1]
}

func (w *world) followed(number, key string) (r casework.Report) {
	w.t.Helper()
	w.must(w.pages.DB.Read(context.Background(), func(tx *db.Tx) (err error) {
		r, _, err = casework.Followed(context.Background(), tx, number, key)
		return err
	}))
	return r
}

func TestComplaintsAreTakenAndFollowed(t *testing.T) {
	each(t, typed, func(t *testing.T, w *world) {
		link := w.lead(number())
		receipt, _ := w.receipt(link)
		said := "一进页面就弹窗要电话号码"
		for _, c := range []struct {
			name, path string
			form       url.Values
			verified   bool
			proof      map[string]string
		}{
			{
				"by the receipt's own page", link + "/complain",
				url.Values{"channel": {"consumer_complaint"}, "text": {said}, "contact": {"someone@example.com"}},
				true,
				map[string]string{"receipt": receipt.Shown()},
			},
			{
				"by a pasted link", "/complain",
				url.Values{"channel": {"consumer_complaint"}, "about": {w.url + link + "?new=1"}, "text": {said}},
				true,
				map[string]string{"receipt": receipt.Shown()},
			},
			// The number stands on many screens: it leads to the app and proves nothing.
			{"by a receipt's number", "/complain", url.Values{"channel": {"consumer_complaint"}, "about": {receipt.Shown()}, "text": {said}}, false, nil},
			{"by the app's id", "/complain", url.Values{"channel": {"consumer_complaint"}, "about": {w.app}, "text": {said}}, false, nil},
			{
				"by a rights holder", "/complain", url.Values{
					"channel": {"rights_holder_report"}, "about": {w.app}, "text": {said}, "proof": {"商标第 12 号"}, "good_faith": {"yes"},
				}, false, map[string]string{"right": "商标第 12 号", "good_faith": "declared"},
			},
			{
				"by a reader", "/complain",
				url.Values{"channel": {"media_exposure"}, "about": {w.app}, "text": {said}, "proof": {"https://news.example/1"}},
				false,
				map[string]string{"address": "https://news.example/1"},
			},
			{"otherwise", "/complain", url.Values{"channel": {"other_lawful"}, "about": {w.app}, "text": {said}}, false, nil},
		} {
			resp, body := w.post(w.url+c.path, c.form)
			if resp.StatusCode != http.StatusOK || resp.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%s: %d\n%s", c.name, resp.StatusCode, body)
			}
			number, key := given(t, body)
			r := w.followed(number, key)
			if r.Verified != c.verified || r.App != w.app || r.Channel != c.form.Get("channel") || len(r.Proof) != len(c.proof) {
				t.Errorf("%s: %+v", c.name, r)
			}
			for name, want := range c.proof {
				if r.Proof[name] != want {
					t.Errorf("%s: %s is %q", c.name, name, r.Proof[name])
				}
			}
			resp, body = w.post(w.url+"/complain/follow", url.Values{"number": {strings.ToLower(number)}, "key": {strings.ToUpper(key)}})
			if resp.StatusCode != http.StatusOK || !strings.Contains(body, "已受理") || strings.Contains(body, said) || strings.Contains(body, r.Case) || strings.Contains(body, receipt.Shown()) {
				t.Errorf("%s: followed %d\n%s", c.name, resp.StatusCode, body)
			}
			if resp, body := w.post(w.url+"/complain/follow", url.Values{"number": {number}, "key": {key + "a"}}); resp.StatusCode != http.StatusNotFound || strings.Contains(body, "已受理") {
				t.Errorf("%s: a wrong key: %d", c.name, resp.StatusCode)
			}
		}
		// Nothing tells the operator, who reads its cases and the record, who complained.
		tag := strings.TrimPrefix(link, "/r/")
		if strings.Contains(w.log.String(), tag) || strings.Contains(w.log.String(), "someone@") {
			t.Error("the log holds link or contact")
		}
		w.must(w.pages.DB.Read(t.Context(), func(tx *db.Tx) error {
			bodies, err := db.Collect(t.Context(), tx, func(s db.Scanner) (b string, err error) { return b, s.Scan(&b) },
				"select body from case_event where operator=$1", w.operator)
			if len(bodies) == 0 {
				t.Error("no events")
			}
			for _, b := range bodies {
				if strings.Contains(b, receipt.ID) || strings.Contains(b, receipt.Number) {
					t.Errorf("an event names the person: %s", b)
				}
			}
			return err
		}))
	})
}

func TestComplaintsAreRefusedWithTheReason(t *testing.T) {
	w := sqliteWorld(t, typed)
	link := w.lead(number())
	good := func(change func(v url.Values)) url.Values {
		v := url.Values{"channel": {"consumer_complaint"}, "about": {w.app}, "text": {"一进页面就弹窗"}}
		change(v)
		return v
	}
	for name, c := range map[string]struct {
		form   url.Values
		status int
		say    string
	}{
		"no app":            {good(func(v url.Values) { v.Set("about", "") }), 422, "没有查到"},
		"an unknown app":    {good(func(v url.Values) { v.Set("about", "app_none") }), 422, "没有查到"},
		"a changed link":    {good(func(v url.Values) { v.Set("about", link+"x") }), 422, "没有查到"},
		"nothing said":      {good(func(v url.Values) { v.Set("text", " ") }), 422, "请说明发生了什么"},
		"too much said":     {good(func(v url.Values) { v.Set("text", strings.Repeat("长", 4001)) }), 422, "请说明发生了什么"},
		"a long contact":    {good(func(v url.Values) { v.Set("contact", strings.Repeat("a", 201)) }), 422, "不超过 200 个字节"},
		"a court":           {good(func(v url.Values) { v.Set("channel", "judicial_document") }), 400, ""},
		"an unknown part":   {good(func(v url.Values) { v.Set("verified", "true") }), 400, ""},
		"no right":          {good(func(v url.Values) { v.Set("channel", "rights_holder_report"); v.Set("good_faith", "yes") }), 422, "请写明您的权利"},
		"no good faith":     {good(func(v url.Values) { v.Set("channel", "rights_holder_report"); v.Set("proof", "商标") }), 422, "须作此声明"},
		"no address":        {good(func(v url.Values) { v.Set("channel", "media_exposure") }), 422, "请填写报道的网址"},
		"a number as proof": {good(func(v url.Values) { v.Set("channel", "other_lawful"); v.Set("proof", "打 "+number()) }), 422, "不要写电话号码"},
	} {
		resp, body := w.post(w.url+"/complain", c.form)
		if resp.StatusCode != c.status || !strings.Contains(body, c.say) {
			t.Errorf("%s: %d\n%s", name, resp.StatusCode, body)
		}
		if c.status == 422 && c.form.Get("text") == "一进页面就弹窗" && !strings.Contains(body, "一进页面就弹窗") {
			t.Errorf("%s: the form forgot what was typed", name)
		}
	}
	if resp, _ := w.post(w.url+"/complain", good(func(url.Values) {}), func(r *http.Request) {
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		r.Header.Set("Origin", "https://elsewhere.example")
	}); resp.StatusCode != http.StatusForbidden {
		t.Errorf("another site's form: %d", resp.StatusCode)
	}
	for _, path := range []string{"/r/" + consent.Link(w.pages.Ring, "0000000000ZZ") + "/complain", link + "x/complain"} {
		if resp, _ := w.post(w.url+path, good(func(v url.Values) { v.Del("about") })); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
	if n := w.rows("report"); n != 0 {
		t.Errorf("%d reports of what was refused", n)
	}
	// The secret link does not stay in a query.
	resp, _ := w.get(w.url + "/complain?receipt=" + url.QueryEscape(strings.TrimPrefix(link, "/r/")))
	if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(resp.Header.Get("Location"), link+"/complain") {
		t.Errorf("%d to %s", resp.StatusCode, resp.Header.Get("Location"))
	}
}

// From the person's own page to a number and what came of it, without script, on a
// phone, and readable to everybody in both languages.
func TestStoryComplaint(t *testing.T) {
	w := sqliteWorld(t, typed)
	b := browsertest.Start(t)
	h := b.Page(t, browsertest.Phone)
	h.NoScript()
	h.Goto(w.url + w.lead(number()) + "?lang=zh")
	h.Tap("@link 投诉")
	h.See("来源已核实")
	h.Tap("@button 提交")
	h.See("还没有提交")
	h.Type("@textbox 发生了什么", "一进页面就弹窗要电话号码")
	h.Tap("@button 提交")
	h.See("已受理")
	h.See("请现在就把编号和查询码一起保存下来")
	h.Tap("@button 查看处理进展")
	h.See("等待初步核查")

	look := b.Page(t, browsertest.Phone)
	for _, lang := range words.Langs() {
		for _, path := range []string{"/complain?channel=rights_holder_report&", "/complain?app=" + w.app + "&", "/complain/follow?"} {
			look.Goto(w.url + path + "lang=" + string(lang))
			look.Axe(axe, path+string(lang))
			w.measure(look, path+string(lang))
		}
	}
}
