package console

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/finding"
	"clew/words"
)

const (
	lawCategory   = "商业服务 > 商业服务 > 法律服务"
	staffCategory = "商业服务 > 商业服务 > 第三方人力资源服务" // 必接
)

// file is one that a form carries.
type file struct{ field, name, content string }

func pdf(n int) string { return fmt.Sprintf("%%PDF-1.7\n%d", n) }

// upload sends a form with files as a page of ours does.
func (v *visitor) upload(path string, values url.Values, files ...file) (int, string) {
	v.w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, all := range values {
		for _, one := range all {
			v.w.must(form.WriteField(name, one))
		}
	}
	for _, f := range files {
		part, err := form.CreateFormFile(f.field, f.name)
		v.w.must(err)
		_, err = part.Write([]byte(f.content))
		v.w.must(err)
	}
	v.w.must(form.Close())
	r, err := http.NewRequestWithContext(v.w.t.Context(), http.MethodPost, v.w.url+path, &b)
	v.w.must(err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", v.w.url)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, body := v.do(r)
	return resp.StatusCode, body
}

// newApp is an app of the operator that has nothing yet.
func (w *world) newApp(operator, name string) string {
	w.t.Helper()
	var id string
	w.must(w.c.DB.Write(w.t.Context(), func(tx *db.Tx) error {
		a, _, err := w.c.Apps.Create(w.t.Context(), tx, operator, name, nil)
		id = a.ID
		return err
	}))
	return id
}

func zh(key string, args ...any) string { return words.T(words.ZH, "console."+key, args...) }

// From an app with nothing to a component that collects, and back: every step is
// done on pages, by the side whose step it is.
func TestFromApplicationToTarget(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.newApp(w.operator, "清舟招聘")
		owner, admin := w.as(access.RoleOwner), w.as(access.RoleAdmin)
		ok := func(what string, status int, body string) {
			t.Helper()
			if status != http.StatusSeeOther {
				t.Fatalf("%s answered %d: %s", what, status, regexp.MustCompile(`(?s)<div class="problems".*?</div>`).FindString(body))
			}
		}
		see := func(v *visitor, path string, want ...string) string {
			t.Helper()
			status, body := v.get(path)
			for _, text := range want {
				if status != http.StatusOK || !strings.Contains(body, text) {
					t.Errorf("%s (%d) does not say %q", path, status, text)
				}
			}
			return body
		}

		// Nothing is there, and the capability says what is missing and where to put it.
		see(owner, appURL(id, ""), zh("condition.unmet"), zh("category.none"), `href="`+appURL(id, "/privacy")+`"`)
		if status, body := owner.post(appURL(id, "/capability"), url.Values{"reason": {"开展招聘咨询"}}); status != http.StatusOK ||
			!strings.Contains(body, `href="#condition-category_online"`) || !strings.Contains(body, `value="开展招聘咨询"`) {
			t.Errorf("applying without conditions answered %d", status)
		}

		status, body := owner.upload(appURL(id, "/category"), url.Values{"category": {staffCategory}},
			file{"papers", "营业执照.pdf", pdf(1)}, file{"papers", "许可证.png", "\x89PNG\r\n\x1a\n1"})
		ok("applying for the category", status, body)
		see(owner, appURL(id, ""), "营业执照.pdf", zh("due.left", "n", 5), zh("category.applied.now"))

		// The platform's queue leads to everything that decides.
		queue := see(admin, "/console/platform/queue", "第三方人力资源服务", "清舟招聘", zh("category.must"), zh("due.left", "n", 5))
		at := categoryURL(w.operator, id, staffCategory)
		if !strings.Contains(queue, strings.ReplaceAll(at, "&", "&amp;")) {
			t.Errorf("the queue does not lead to %s", at)
		}
		page := see(admin, at, "清舟律师事务所", "营业执照.pdf", "许可证.png", zh("queue.norm.listed"), zh("category.must"))
		paper := regexp.MustCompile(`href="([^"]+/papers/[^"]+)"`).FindStringSubmatch(page)
		if paper == nil {
			t.Fatal("the papers cannot be opened")
		}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+paper[1], nil)
		w.must(err)
		resp, content := admin.do(r)
		if resp.StatusCode != http.StatusOK || content != pdf(1) || resp.Header.Get("Content-Type") != "application/pdf" ||
			!strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment;") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("the paper came as %d %v", resp.StatusCode, resp.Header)
		}
		if w.audited(access.PaperRead, "", access.OutcomeDone) != 0 {
			t.Error("the operator's record shows the platform's staff")
		}

		decide := func(to, reason string) (int, string) {
			return admin.post(platformURL(w.operator, id)+"/category", url.Values{"category": {staffCategory}, "to": {to}, "reason": {reason}})
		}
		if status, body := decide("offline", ""); status != http.StatusOK || !strings.Contains(body, `id="reason-wrong"`) {
			t.Errorf("refused without a reason: %d", status)
		}
		status, body = decide("offline", "许可证已过期，请更新后再申请")
		ok("refusing", status, body)
		see(owner, appURL(id, ""), "许可证已过期，请更新后再申请", zh("category.again"))
		status, body = owner.upload(appURL(id, "/category"), url.Values{"category": {staffCategory}}, file{"papers", "新许可证.pdf", pdf(2)})
		ok("applying again", status, body)
		status, body = decide("approved", "")
		ok("approving", status, body)
		if status, body := decide("approved", ""); status != http.StatusOK || !strings.Contains(body, zh("category.raced", "state", zh("category.approved"))) {
			t.Errorf("the second of two decisions answered %d", status)
		}
		status, body = decide("online", "")
		ok("bringing online", status, body)
		see(admin, at, zh("category.online"))
		see(owner, appURL(id, ""), zh("category.collects"), zh("category.main"))
		see(admin, "/console/platform/mandatory", "清舟招聘", zh("mandatory.why.capability"))

		status, body = owner.post(appURL(id, "/privacy"), url.Values{
			"item": {"1", "2"}, "item-1": {"由顾问回电，介绍岗位"}, "item-2": {""}, "email": {"privacy@qingzhou.example"}, "contact_way": {"1"},
		})
		ok("the privacy statement", status, body)
		see(owner, appURL(id, "/privacy"), "由顾问回电，介绍岗位", zh("privacy.saved"))
		status, body = owner.post(appURL(id, "/capability"), url.Values{"reason": {"开展招聘咨询"}})
		ok("applying", status, body)
		see(owner, appURL(id, ""), zh("capability.applied.now"), zh("due.left", "n", 5))
		see(admin, "/console/platform/queue?kind=capability", "开展招聘咨询")
		see(admin, platformURL(w.operator, id), "开展招聘咨询", "由顾问回电，介绍岗位", "新许可证.pdf", words.T(words.ZH, "condition.privacy_declared.name"))
		status, body = admin.post(platformURL(w.operator, id)+"/capability", url.Values{"to": {"granted"}, "reason": {"材料齐全"}})
		ok("granting", status, body)
		see(admin, "/console/platform/queue", zh("queue.none"))
		see(owner, appURL(id, ""), zh("apps.open"))
		see(admin, "/console/platform/mandatory", zh("mandatory.why.component"))

		def := component.Sample(id)
		def.Verification = component.Typed
		cmp := w.publish(def)
		see(admin, "/console/platform/mandatory", zh("mandatory.none"))
		status, body = owner.post(targetURL(cmp, ""), url.Values{
			"name": {"上海招聘"}, "regions": {"310104\r\n上海市浦东新区\r\n"}, "categories": {staffCategory}, "pages": {"/pages/job/index"},
		})
		ok("placing", status, body)
		at = "/console/components/" + cmp
		shown := see(owner, at, "上海招聘", "上海市徐汇区", "上海市浦东新区", "pages/job/index", zh("target.validity.inactive"), `conversion-target=&#34;1&#34;`)
		config := regexp.MustCompile(`[0-9a-f]{32}`).FindString(shown)
		if config == "" || !strings.Contains(shown, "clue-component-id=&#34;"+config) {
			t.Fatal("the page has no config_id")
		}

		// The category closes, and the page says why nothing is collected; and opens again.
		status, body = admin.post("/console/platform/eligibility/category", url.Values{
			"category": {staffCategory}, "what": {"close"}, "when": {"now"}, "reason": {"主管部门要求整改"},
		})
		ok("closing the category", status, body)
		see(owner, at, zh("target.validity.invalid"), zh("target.why.category_lapsed"))
		see(owner, appURL(id, ""), zh("category.closed.text"), zh("capability.closed.category_lapsed"))
		see(admin, openingURL(staffCategory), "主管部门要求整改", zh("category.shut"), "清舟招聘")
		if resp, err := http.Get(w.url + "/c/" + cmp); err == nil {
			_ = resp.Body.Close()
		}
		status, body = admin.post("/console/platform/eligibility/category", url.Values{
			"category": {staffCategory}, "what": {"open"}, "when": {"now"}, "reason": {"整改已经完成"},
		})
		ok("opening the category", status, body)
		see(owner, at, zh("target.validity.inactive"))

		status, body = owner.post(targetURL(cmp, "/"+config), url.Values{"name": {"全国招聘"}, "regions": {"110105 北京市朝阳区"}, "categories": {staffCategory}})
		ok("editing the target", status, body)
		if body := see(owner, targetURL(cmp, "/"+config), "全国招聘", "110105 北京市朝阳区", config); strings.Contains(body, "pages/job/index") {
			t.Error("the page that was removed is still there")
		}
		status, body = owner.post(targetURL(cmp, "/"+config+"/delete"), nil)
		ok("deleting the target", status, body)
		if _, body := owner.get(at); strings.Contains(body, config) {
			t.Error("the deleted target is still shown")
		}
		// Agents and analysts read, and are offered nothing to change.
		for _, role := range []access.Role{access.RoleAgent, access.RoleAnalyst} {
			body := see(w.as(role), appURL(id, ""), "新许可证.pdf")
			if strings.Contains(body, appURL(id, "/main")) || strings.Contains(body, "/papers/") || strings.Contains(body, appURL(id, "/category")) {
				t.Errorf("%s is offered what only an owner may", role)
			}
		}
	})
}

// What cannot be taken is named beside its field, and what was typed stays.
func TestRefusalsOnAnAppsPages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.newApp(w.operator, "清舟招聘")
		v := w.as(access.RoleOwner)
		large := file{"papers", "large.pdf", pdf(0) + strings.Repeat("x", app.MaxPaper)}
		many := make([]file, app.MaxPapers+1)
		for i := range many {
			many[i] = file{"papers", fmt.Sprintf("%d.pdf", i), pdf(i)}
		}
		for what, c := range map[string]struct {
			files []file
			said  string
		}{
			"kind":  {[]file{{"papers", "程序.pdf", "MZ\x90"}}, "程序.pdf：" + words.T(words.ZH, "problem.paper.kind", "n", 1)},
			"twice": {[]file{{"papers", "a.pdf", pdf(1)}, {"papers", "b.pdf", pdf(1)}}, "b.pdf：" + words.T(words.ZH, "problem.paper.twice", "n", 2)},
			"large": {[]file{large}, words.T(words.ZH, "problem.paper.large", "n", 1, "mb", 5)},
			"many":  {many, words.T(words.ZH, "problem.paper.many", "most", app.MaxPapers)},
		} {
			status, body := v.upload(appURL(id, "/category"), url.Values{"category": {lawCategory}}, c.files...)
			if status != http.StatusOK || !strings.Contains(body, c.said) || !strings.Contains(body, `href="#papers"`) ||
				!strings.Contains(body, `value="`+strings.ReplaceAll(lawCategory, ">", "&gt;")+`" required checked`) {
				t.Errorf("%s: %d, without %q or the choice", what, status, c.said)
			}
		}
		for what, path := range map[string]string{"none": "", "unlisted": "没有 > 这个 > 类目"} {
			if status, body := v.upload(appURL(id, "/category"), url.Values{"category": {path}}); status != http.StatusOK || !strings.Contains(body, `href="#category"`) {
				t.Errorf("%s category answered %d", what, status)
			}
		}
		if status, _ := v.post(appURL(id, "/main"), url.Values{"category": {lawCategory}}); status != http.StatusSeeOther {
			t.Errorf("a main category the app does not have answered %d", status)
		}
		if _, body := v.get(appURL(id, "")); !strings.Contains(body, zh("category.main.not")) || !strings.Contains(body, zh("category.none")) {
			t.Error("something refused was kept")
		}

		status, body := v.post(appURL(id, "/privacy"), url.Values{"item": {"1", "2"}, "item-1": {"用"}, "item-2": {"核对称呼"}, "email": {"not an address"}})
		for _, want := range []string{`id="item-1-wrong"`, `id="email-wrong"`, `value="核对称呼"`, `value="not an address"`} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("a bad statement answered %d without %s", status, want)
			}
		}

		key, err := rsa.GenerateKey(rand.Reader, 2048)
		w.must(err)
		private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
		if status, body := v.upload(appURL(id, "/keys"), url.Values{"key": {private}}); status != http.StatusOK ||
			!strings.Contains(body, words.T(words.ZH, "problem.app_key.private")) || strings.Contains(body, "MII") {
			t.Errorf("a private key answered %d, or came back", status)
		}
		if status, body := v.upload(appURL(id, "/keys"), url.Values{"key": {"bm90IGEga2V5"}}); status != http.StatusOK || !strings.Contains(body, ">bm90IGEga2V5</textarea>") {
			t.Errorf("a malformed key answered %d, or was lost", status)
		}
		public := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)}))
		if status, body := v.upload(appURL(id, "/keys"), url.Values{"key": {""}}, file{"file", "key.pem", public}); status != http.StatusSeeOther {
			t.Errorf("a key as a file answered %d\n%s", status, body)
		}
		if _, body := v.get(appURL(id, "/keys")); !strings.Contains(body, zh("appkey.now")) || !strings.Contains(body, "RSA 2048") {
			t.Error("the key is not listed")
		}

		status, body = v.post(targetURL(w.component, ""), url.Values{
			"name": {strings.Repeat("长", 21)}, "regions": {"朝阳区\n110000\n海淀\n徐汇"}, "pages": {"pages/a?x=1"},
		})
		for _, want := range []string{
			`id="name-wrong"`, `id="regions-wrong"`, `id="categories-wrong"`, `id="pages-wrong"`, ">朝阳区\n110000\n海淀\n徐汇</textarea>",
			zh("place.line", "n", 1), zh("place.line", "n", 2), "110105 北京市朝阳区", "220104",
		} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("a bad target answered %d without %s", status, want)
			}
		}
		if strings.Contains(body, zh("place.line", "n", 3)) {
			t.Error("海淀 is one district and was refused")
		}
		admin := w.as(access.RoleAdmin)
		for what, c := range map[string]struct {
			path string
			form url.Values
			want string
		}{
			"no reason":     {"category", url.Values{"category": {lawCategory}, "what": {"close"}}, `id="reason-wrong"`},
			"no day":        {"category", url.Values{"category": {lawCategory}, "what": {"close"}, "when": {"later"}, "reason": {"按通知调整"}}, `id="day-wrong"`},
			"which day":     {"category", url.Values{"category": {lawCategory}, "what": {"close"}, "when": {"now"}, "day": {"2099-01-01"}, "reason": {"按通知调整"}}, zh("eligibility.day.which")},
			"the past":      {"category", url.Values{"category": {lawCategory}, "what": {"close"}, "when": {"later"}, "day": {"2020-01-01"}, "reason": {"按通知调整"}}, words.T(words.ZH, "problem.eligibility.past")},
			"nothing":       {"category", url.Values{"category": {lawCategory}, "reason": {"按通知调整"}}, `id="what-wrong"`},
			"unknown basis": {"basis", url.Values{"what": {"mood"}, "reason": {"按通知调整"}}, `id="what-wrong"`},
		} {
			if status, body := admin.post("/console/platform/eligibility/"+c.path, c.form); status != http.StatusOK || !strings.Contains(body, c.want) ||
				c.form.Get("reason") != "" && !strings.Contains(body, ">按通知调整</textarea>") {
				t.Errorf("%s answered %d without %s", what, status, c.want)
			}
		}
	})
}

// A change for a later day is shown before it holds, and holds from that day on.
func TestScheduledChanges(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		admin, owner := w.as(access.RoleAdmin), w.as(access.RoleOwner)
		day := w.c.DB.Now().In(zone).AddDate(0, 0, 3).Format(time.DateOnly)
		if status, _ := admin.post("/console/platform/eligibility/category", url.Values{
			"category": {lawCategory}, "what": {"close"}, "when": {"later"}, "day": {day}, "reason": {"按通知调整"},
		}); status != http.StatusSeeOther {
			t.Fatalf("scheduling answered %d", status)
		}
		if _, body := admin.get("/console/platform/eligibility"); !strings.Contains(body, zh("eligibility.closes", "day", day)) || !strings.Contains(body, zh("eligibility.count", "open", 42, "n", 42)) {
			t.Error("the change to come is not shown, or holds already")
		}
		if _, body := owner.get(appURL(w.app, "")); !strings.Contains(body, zh("category.collects")) {
			t.Error("the change holds before its day")
		}
		if status, _ := admin.post("/console/platform/eligibility/basis", url.Values{"what": {"main_category"}, "when": {"now"}, "reason": {"按主营类目准入的通知"}}); status != http.StatusSeeOther {
			t.Fatalf("changing the basis answered %d", status)
		}
		if _, body := admin.get("/console/platform/eligibility"); !strings.Contains(body, "按主营类目准入的通知") || !strings.Contains(body, zh("basis.main_category")) {
			t.Error("the basis is not shown")
		}
		if _, body := owner.get(appURL(w.app, "")); !strings.Contains(body, words.T(words.ZH, "condition.main_category_online.name")) {
			t.Error("the operator is not told what counts")
		}
	})
}

// An overdue application stands first, marked.
func TestQueueMarksWhatIsOverdue(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.newApp(w.operator, "清舟招聘")
		w.must(w.c.Apps.ApplyCategory(t.Context(), w.owner, id, staffCategory, nil))
		w.must(w.c.DB.Write(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), "update app_category set due_at=$1 where app=$2", tx.NowMS()-int64(10*24*time.Hour/time.Millisecond), id)
			return err
		}))
		other := w.newApp(w.operator, "清舟咨询")
		w.must(w.c.Apps.ApplyCategory(t.Context(), w.owner, other, lawCategory, nil))
		_, body := w.as(access.RoleAdmin).get("/console/platform/queue")
		late, soon := strings.Index(body, "第三方人力资源服务"), strings.Index(body, "法律服务")
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/console/", nil)
		w.must(err)
		if resp, _ := w.as(access.RoleAdmin).do(r); resp.Header.Get("Location") != "/console/platform/queue" {
			t.Errorf("the platform's staff begin at %s", resp.Header.Get("Location"))
		}
		if late < 0 || soon < late || !strings.Contains(body, zh("queue.overdue", "n", 1)) || !strings.Contains(body, "已超期") {
			t.Errorf("overdue at %d, the next at %d", late, soon)
		}
	})
}

// Ids of another operator are not there, on any page that takes one.
func TestAnotherOperatorsAppIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var other string
		w.must(w.c.DB.Write(t.Context(), func(tx *db.Tx) error {
			o, err := w.c.Apps.CreateOperator(t.Context(), tx, "另一家")
			other = o.ID
			return err
		}))
		theirs := w.newApp(other, "别家")
		them := access.Caller{Kind: access.KindStaff, ID: "staff_other", Operator: other, Role: access.RoleOwner}
		w.must(w.c.Apps.ApplyCategory(t.Context(), them, theirs, lawCategory, []app.NewPaper{{Name: "a.pdf", Content: []byte(pdf(1))}}))
		w.must(w.c.Apps.DecideCategory(t.Context(), access.Caller{Kind: access.KindStaff, ID: "a", Role: access.RoleAdmin}, other, theirs, lawCategory, app.Approved, ""))
		var paper string
		w.must(w.c.DB.Read(t.Context(), func(tx *db.Tx) error {
			list, err := app.Papers(t.Context(), tx, other, theirs, lawCategory)
			paper = list[0].ID
			return err
		}))
		theirComponent, err := w.c.Components.Create(t.Context(), them, component.Sample(theirs))
		w.must(err)
		target, err := w.c.Components.CreateTarget(t.Context(), them, component.Target{
			App: theirs, Component: theirComponent, Name: "别家", Regions: []string{"110105"}, Categories: []string{lawCategory},
		})
		w.must(err)
		v := w.as(access.RoleOwner)
		for _, path := range []string{
			appURL(theirs, ""), appURL(theirs, "/category"), appURL(theirs, "/privacy"), appURL(theirs, "/keys"), appURL(theirs, "/sites"),
			appURL(theirs, "/papers/"+paper), appURL(w.app, "/papers/"+paper), targetURL(theirComponent, "/new"),
			targetURL(theirComponent, "/"+target.ConfigID), targetURL(w.component, "/"+target.ConfigID),
		} {
			if status, _ := v.get(path); status != http.StatusNotFound {
				t.Errorf("GET %s answered %d", path, status)
			}
		}
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		w.must(err)
		public := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)}))
		good := url.Values{
			"category": {lawCategory}, "key": {public}, "origins": {"https://a.example"}, "item": {"1"}, "item-1": {"回电联系"}, "email": {"a@b.example"},
			"name": {"配置"}, "regions": {"110105"}, "categories": {lawCategory},
		}
		for _, path := range []string{
			appURL(theirs, "/category"), appURL(theirs, "/main"), appURL(theirs, "/privacy"), appURL(theirs, "/keys"), appURL(theirs, "/sites"),
			appURL(theirs, "/capability"), targetURL(theirComponent, ""), targetURL(theirComponent, "/"+target.ConfigID),
			targetURL(w.component, "/"+target.ConfigID), targetURL(w.component, "/"+target.ConfigID+"/delete"),
		} {
			if status, _ := v.upload(path, good); status != http.StatusNotFound {
				if status, body := v.post(path, good); status != http.StatusNotFound {
					t.Errorf("POST %s answered %d\n%.600s", path, status, body)
				}
			}
		}
		// What names another operator's app by the wrong operator is not there for the
		// platform either.
		admin := w.as(access.RoleAdmin)
		for _, path := range []string{categoryURL(w.operator, theirs, lawCategory), platformURL(w.operator, theirs), openingURL("没有 > 这个 > 类目"), findingURL("fnd_none")} {
			if status, _ := admin.get(path); status != http.StatusNotFound {
				t.Errorf("GET %s answered %d", path, status)
			}
		}
	})
}

// found records a finding about the world's app.
func (w *world) found() string {
	w.t.Helper()
	f := finding.Finding{
		Rule: "handover/purpose", Clause: "3.3.scope", Verdict: finding.Violation,
		Message:    finding.Say("为留资签发的手机号凭证被用于登录。", "A code issued for a lead was used to sign in."),
		Place:      finding.Place{File: "/api/apps/v1/get_phonenumber_info/"},
		Capability: finding.ClueForm,
		Fix:        &finding.Fix{Message: finding.Say("登录请使用通用手机号能力，不要使用线索组件的凭证。", "Use the general phone capability to sign people in.")},
		Evidence:   []finding.Evidence{{Kind: "statement", Text: "purpose=login config_id=0a1b…"}},
	}
	f.Stamp("")
	var id string
	w.must(w.c.DB.Write(w.t.Context(), func(tx *db.Tx) (err error) {
		id, err = w.c.Casework.Record(w.t.Context(), tx, w.operator, w.app, w.component, f)
		return err
	}))
	return id
}

func TestFindingsArePages(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.found()
		w.found() // the same again counts
		admin := w.as(access.RoleAdmin)
		if _, body := admin.get("/console/platform/findings"); !strings.Contains(body, findingURL(id)) || !strings.Contains(body, "为留资签发的手机号凭证被用于登录") {
			t.Error("the list does not lead to the finding")
		}
		if _, body := admin.get("/console/platform/findings?verdict=review"); strings.Contains(body, findingURL(id)) {
			t.Error("a violation is listed for review")
		}
		status, body := admin.get(findingURL(id))
		for _, want := range []string{"purpose=login", "3.3.scope", "登录请使用通用手机号能力", "<dd>2</dd>", zh("detector.server")} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("the finding's page (%d) does not say %q", status, want)
			}
		}
	})
}

func TestDistrictsAsPeopleTypeThem(t *testing.T) {
	v := &visit{page: &page{Lang: words.ZH}}
	for line, want := range map[string]string{
		"110105": "110105", "110105 北京市朝阳区": "110105", "110105，朝阳": "110105", "北京市朝阳区": "110105", "北京 朝阳": "110105",
		"上海市徐汇区": "310104", "徐汇": "310104", "广东省东莞市": "441900", "东莞": "441900",
	} {
		if got, wrong := v.district(line); got != want {
			t.Errorf("%s is %q (%s)", line, got, wrong)
		}
	}
	for line, part := range map[string]string{
		"朝阳区": "220104", "110000": "110101", "330100": "330102", "999999": zh("place.level.unknown"), "11010": zh("place.none"),
		"1101051": zh("place.none"), "亚特兰蒂斯": zh("place.none"), "杭州市": "330102",
	} {
		if got, wrong := v.district(line); got != "" || !strings.Contains(wrong, part) {
			t.Errorf("%s is %q, refused with %q", line, got, wrong)
		}
	}
	if got := search("徐汇"); len(got) != 1 || got[0].Code != "310104" {
		t.Errorf("found %v", got)
	}
	if got := search("  "); got != nil {
		t.Error("nothing finds something")
	}
}

// The navigation marks one place, the nearest.
func TestNavigationMarksOnePlace(t *testing.T) {
	for path, want := range map[string]string{
		"/console/platform": "platform", "/console/platform/op_1/app_1": "platform", "/console/platform/queue": "queue",
		"/console/platform/eligibility/category": "eligibility", "/console/platform/findings/fnd_1": "findings",
	} {
		p := &page{Lang: words.ZH, Path: path, Caller: access.Caller{Kind: access.KindStaff, Role: access.RoleAdmin}}
		var marked []string
		for _, n := range p.nav() {
			if n.current {
				marked = append(marked, n.icon)
			}
		}
		if len(marked) != 1 || marked[0] != want {
			t.Errorf("%s is marked as %v", path, marked)
		}
	}
}

// placesOf is what the pages of apps and of the platform show, by names of pictures.
type placesOf struct {
	fresh, waiting, target, finding string
}

// furnishApps fills the world with what the pages of apps and of the platform show.
func (w *world) furnishApps() (ids placesOf) {
	w.t.Helper()
	ctx := w.t.Context()
	ids.fresh, ids.waiting = w.newApp(w.operator, "清舟公益咨询"), w.newApp(w.operator, "清舟招聘")
	lacking := w.newApp(w.operator, "清舟人才")
	admin := access.Caller{Kind: access.KindStaff, ID: w.staff[access.RoleAdmin].ID, Role: access.RoleAdmin}
	papers := []app.NewPaper{{Name: "营业执照.pdf", Content: []byte(pdf(1))}, {Name: "人力资源服务许可证.png", Content: []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 200_000))}}
	for _, id := range []string{ids.waiting, lacking} {
		w.must(w.c.Apps.ApplyCategory(ctx, w.owner, id, staffCategory, papers))
		w.must(w.c.Apps.DecideCategory(ctx, admin, w.operator, id, staffCategory, app.Approved, "材料齐全"))
		w.must(w.c.Apps.DecideCategory(ctx, admin, w.operator, id, staffCategory, app.Online, ""))
	}
	const other = "商业服务 > 商业服务 > 招聘/求职(中介)"
	w.must(w.c.Apps.ApplyCategory(ctx, w.owner, ids.waiting, other, papers[:1]))
	w.must(w.c.Apps.ApplyCategory(ctx, w.owner, lacking, lawCategory, nil))
	w.must(w.c.Apps.DecideCategory(ctx, admin, w.operator, lacking, lawCategory, app.Offline, "缺少执业许可证，请补充后重新申请"))
	w.must(w.c.Apps.ApplyCategory(ctx, w.owner, w.app, "商业服务 > 商业服务 > 工商/税务/财务代理", papers[:1]))
	for _, id := range []string{w.app, ids.waiting} {
		w.must(w.c.Apps.SetPrivacy(ctx, w.owner, id, app.Privacy{
			Configured: true, ContactWay: 1, Email: "privacy@qingzhou-law.example",
			Items: []app.PrivacyItem{{ID: app.ItemPhone, Desc: "由顾问回电，回答您的咨询"}, {ID: app.ItemRegion, Desc: "安排您所在城市的顾问"}},
		}))
	}
	w.must(w.c.Capability.Apply(ctx, w.owner, ids.waiting, "开展招聘咨询，由顾问回电介绍岗位"))
	w.must(w.c.DB.Write(ctx, func(tx *db.Tx) error {
		if _, err := capability.Deduct(ctx, tx, admin, w.operator, w.app, capability.CreditEntry{
			Points: 5, Reason: "落地页缺少删除入口", Case: "CASE-2026-0031", Until: tx.Now().AddDate(0, 3, 0),
		}); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "update app_category set due_at=$1 where app=$2 and state='applied'", tx.NowMS()-int64(3*24*time.Hour/time.Millisecond), w.app)
		return err
	}))
	for range 2 {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		w.must(err)
		_, err = w.c.Apps.AddKey(ctx, w.owner, w.app, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)})))
		w.must(err)
	}
	t, err := w.c.Components.CreateTarget(ctx, w.owner, component.Target{
		App: w.app, Component: w.component, Name: "长三角法律咨询", Regions: []string{"310104", "310115", "320102", "320505", "330102", "330106", "330203", "330402"},
		Categories: []string{lawCategory}, Pages: []string{"pages/index/index", "pages/consult/index"},
	})
	w.must(err)
	ids.target = t.ConfigID
	_, err = w.c.Components.CreateTarget(ctx, w.owner, component.Target{
		App: w.app, Component: w.component, Name: "税务咨询", Regions: []string{"110105"}, Categories: []string{lawCategory},
	})
	w.must(err)
	w.must(w.c.Capability.SetOpen(ctx, admin, "金融 > 金融业 > 银行", false, w.c.DB.Now().AddDate(0, 0, 10), "按通知调整经营权限"))
	w.must(w.c.Capability.SetBasis(ctx, admin, capability.ServiceCategory, time.Time{}, "按规范第二条执行"))
	ids.finding = w.found()
	return ids
}

// more is the pages of apps and of the platform that a role can open.
func (ids placesOf) more(w *world, role access.Role) map[string]string {
	switch role {
	case access.RoleAdmin:
		return map[string]string{
			"queue": "/console/platform/queue", "queue-category": categoryURL(w.operator, ids.waiting, "商业服务 > 商业服务 > 招聘/求职(中介)"),
			"queue-capability": platformURL(w.operator, ids.waiting), "eligibility": "/console/platform/eligibility",
			"eligibility-category": openingURL(staffCategory), "mandatory": "/console/platform/mandatory",
			"findings": "/console/platform/findings", "finding": findingURL(ids.finding),
		}
	case access.RoleAnalyst:
		return map[string]string{"analyst-app": appURL(w.app, ""), "analyst-privacy": appURL(w.app, "/privacy"), "analyst-keys": appURL(ids.fresh, "/keys")}
	case access.RoleOwner:
		return ids.ofOwner(w)
	}
	return nil
}

func (ids placesOf) ofOwner(w *world) map[string]string {
	return map[string]string{
		"app": appURL(w.app, ""), "app-new": appURL(ids.fresh, ""), "app-waiting": appURL(ids.waiting, ""), "app-category": applyURL(ids.waiting, lawCategory),
		"app-privacy": appURL(w.app, "/privacy"), "app-keys": appURL(w.app, "/keys"), "app-sites": appURL(w.app, "/sites"),
		"target-new": targetURL(w.component, "/new"), "target": targetURL(w.component, "/"+ids.target),
	}
}
