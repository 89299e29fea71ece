package web_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/consent"
	"clew/handover"
	"clew/lead"
	"clew/outbox"
	"clew/phone"
	"clew/policy"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/webhook"
	"clew/words"
)

var update = flag.Bool("update", false, "write docs/api-problems.md anew")

// source parses the Go files of a folder, without its tests.
func source(t *testing.T, dir string) []*ast.File {
	t.Helper()
	var files []*ast.File
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// Each code has its words in both languages, words have a code, and somebody uses it.
func TestCodesHaveWordsAndUses(t *testing.T) {
	have := words.Keys()
	for code := range web.Codes() {
		for _, part := range []string{"title", "detail"} {
			if key := "problem." + code + "." + part; !words.Has(key) {
				t.Errorf("%s has no words", key)
			}
		}
	}
	top := regexp.MustCompile(`^problem\.([a-z_]+)\.(title|detail)$`)
	for _, key := range have {
		if m := top.FindStringSubmatch(key); m != nil && web.Codes()[m[1]] == 0 {
			t.Errorf("%s has words and is no code", key)
		}
	}
	used := map[string]bool{}
	for _, dir := range []string{".", "api", "public", "console", "../consent"} {
		for _, f := range source(t, dir) {
			ast.Inspect(f, func(n ast.Node) bool {
				if spec, ok := n.(*ast.ValueSpec); ok && spec.Names[0].Name == "statuses" {
					return false
				}
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if text, err := strconv.Unquote(lit.Value); err == nil {
						used[text] = true
					}
				}
				return true
			})
		}
	}
	for code := range web.Codes() {
		if !used[code] {
			t.Errorf("nothing answers %q", code)
		}
	}
}

// mapped is an error of every kind the rooms raise for readers, and its code.
var mapped = map[string]struct {
	err  error
	code string
}{
	"access.Denied":         {&access.Denied{Act: access.LeadRead, Role: access.RoleAnalyst}, "forbidden"},
	"access.Invalid":        {&access.Invalid{Field: "login", Code: "taken"}, "invalid"},
	"access.Locked":         {&access.Locked{Until: time.Now().Add(time.Minute)}, "sign_in_locked"},
	"access.ErrSignIn":      {access.ErrSignIn, "sign_in_failed"},
	"access.ErrKey":         {access.ErrKey, "unauthorized"},
	"access.ErrKeyLimit":    {access.ErrKeyLimit, "key_limit"},
	"access.ErrPasskeysOff": {access.ErrPasskeysOff, "passkeys_off"},
	"access.ErrOnlyWayIn":   {access.ErrOnlyWayIn, "only_way_in"},
	"access.ErrLink":        {access.ErrLink, "link_ended"},
	"access.ErrSession":     {access.ErrSession, "unauthorized"},
	"access.ErrStepUp":      {access.ErrStepUp, "step_up_needed"},
	"access.ErrMissing":     {access.ErrMissing, "not_found"},
	"access.ErrLastOwner":   {access.ErrLastOwner, "last_owner"},
	"access.ErrReason":      {access.ErrReason, "reason_needed"},
	"access.ErrCeremony":    {access.ErrCeremony, "ceremony_ended"},

	"app.ErrUnknown":    {app.ErrUnknown, "not_found"},
	"app.ErrName":       {app.ErrName, "invalid"},
	"app.ErrOrigins":    {app.ErrOrigins, "invalid"},
	"app.BadStep":       {&app.BadStep{From: app.Applied, To: app.Online}, "capability_step"},
	"app.ErrNotOpen":    {app.ErrNotOpen, "category_not_open"},
	"app.ErrApplying":   {app.ErrApplying, "capability_step"},
	"app.ErrNoCategory": {app.ErrNoCategory, "category_missing"},
	"app.ErrNoKey":      {app.ErrNoKey, "app_key_missing"},
	"app.BadPapers":     {&app.BadPapers{Problems: []app.PaperProblem{{Index: 0, Code: "kind"}}}, "papers_invalid"},
	"app.BadKey":        {&app.BadKey{Code: "private"}, "app_key_invalid"},
	"app.BadPrivacy":    {&app.BadPrivacy{Problems: []app.PrivacyProblem{{Field: "contact", Code: "missing"}}}, "privacy_invalid"},
	"app.BadOrigin":     {&app.BadOrigin{Origin: "ftp://x"}, "invalid"},

	"capability.Closed":    {&capability.Closed{Code: "suspended", Reason: "核查", Case: "C-1"}, "capability_suspended"},
	"capability.BadStep":   {&capability.BadStep{From: capability.None, To: capability.Granted}, "capability_step"},
	"capability.Unmet":     {&capability.Unmet{Conditions: []capability.Condition{{ID: capability.PrivacyDeclared}}}, "capability_unmet"},
	"capability.BadRule":   {&capability.BadRule{Code: "past"}, "eligibility_invalid"},
	"capability.BadReason": {&capability.BadReason{Code: "short"}, "reason_needed"},

	"component.ErrUnknown":     {component.ErrUnknown, "component_unknown"},
	"component.ErrUnpublished": {component.ErrUnpublished, "component_unpublished"},
	"casework.ErrUnknown":      {casework.ErrUnknown, "not_found"},
	"casework.ErrCase":         {casework.ErrCase, "not_found"},
	"casework.ErrReport":       {casework.ErrReport, "not_found"},
	"casework.ErrRegister":     {casework.ErrRegister, "not_found"},
	"casework.ErrCommand":      {casework.ErrCommand, "not_found"},
	"casework.ErrCursor":       {casework.ErrCursor, "cursor"},
	"casework.ErrAlone":        {casework.ErrAlone, "two_people"},
	"casework.ErrOwnDecision":  {casework.ErrOwnDecision, "own_decision"},
	"casework.Stale":           {&casework.Stale{Read: 1, Is: 2}, "stale"},
	"casework.BadStep":         {&casework.BadStep{What: "case", Code: "ended"}, "case_step"},
	"casework.BadDecision":     {&casework.BadDecision{Field: "reasons", Code: "reasons_short"}, "decision_invalid"},
	"casework.BadReport":       {&casework.BadReport{Field: "text", Code: "text"}, "report_invalid"},
	"casework.Late":            {&casework.Late{Until: time.Now()}, "appeal_late"},
	"policy.ErrUnknown":        {policy.ErrUnknown, "not_found"},
	"policy.ErrOwn":            {policy.ErrOwn, "own_decision"},
	"policy.Faulty":            {&policy.Faulty{Defects: []policy.Defect{{Line: 3, Why: "x"}}}, "edition_invalid"},
	"policy.TooSoon":           {&policy.TooSoon{Earliest: time.Now(), Days: 7}, "edition_too_soon"},
	"policy.BadFacts":          {&policy.BadFacts{Name: "score", Why: "x"}, "decision_invalid"},

	"component.ErrInvalid":    {component.ErrInvalid, "component_invalid"},
	"component.ErrNoTarget":   {component.ErrNoTarget, "not_found"},
	"component.ErrNone":       {component.ErrNone, "component_none"},
	"component.BadTarget":     {&component.BadTarget{Problems: []component.TargetProblem{{Field: "regions", Code: "city", Value: "440100"}}}, "target_invalid"},
	"component.ErrStale":      {component.ErrStale, "stale"},
	"component.BadDefinition": {&component.BadDefinition{Path: "/langs", Why: "not JSON"}, "definition_malformed"},
	"component.NotReady":      {&component.NotReady{}, "component_not_ready"},

	"consent.ErrNoReceipt": {consent.ErrNoReceipt, "not_found"},
	"consent.ErrRefusal":   {consent.ErrRefusal, "bad_request"},
	"consent.ErrLink":      {consent.ErrLink, "not_found"},
	"consent.ErrNoNotice":  {consent.ErrNoNotice, "not_found"},
	"consent.Unproven":     {&consent.Unproven{Code: consent.GestureOrder}, "gesture_order"},

	"handover.ErrConfig":  {handover.ErrConfig, "component_unknown"},
	"handover.ErrSubject": {handover.ErrSubject, "invalid"},
	"handover.ErrNumber":  {handover.ErrNumber, "invalid"},
	"handover.ErrSpent":   {handover.ErrSpent, "invalid"},
	"handover.Misused":    {&handover.Misused{Purpose: handover.Login}, "purpose_refused"},

	"lead.ErrUnknown":   {lead.ErrUnknown, "not_found"},
	"lead.ErrErased":    {lead.ErrErased, "erased"},
	"lead.ErrWithdrawn": {lead.ErrWithdrawn, "consent_withdrawn"},
	"lead.ErrKey":       {lead.ErrKey, "idempotency_key"},
	"lead.ErrKeyReused": {lead.ErrKeyReused, "idempotency_reused"},
	"lead.ErrCursor":    {lead.ErrCursor, "cursor"},
	"lead.ErrStale":     {lead.ErrStale, "stale"},
	"lead.BadAnswers":   {&lead.BadAnswers{Problems: []component.Problem{{Field: "code", Code: "code_wrong"}}}, "answers_invalid"},
	"lead.BadOutcome":   {&lead.BadOutcome{Code: "reason_needed"}, "outcome_invalid"},

	"phone.ErrShape":       {phone.ErrShape, "invalid"},
	"phone.ErrRegion":      {phone.ErrRegion, "invalid"},
	"phone.ErrNotMobile":   {phone.ErrNotMobile, "invalid"},
	"phone.ErrCodeUnknown": {phone.ErrCodeUnknown, "invalid"},
	"phone.ErrCodeWrong":   {phone.ErrCodeWrong, "invalid"},
	"phone.ErrCodeExpired": {phone.ErrCodeExpired, "invalid"},
	"phone.ErrCodeUsed":    {phone.ErrCodeUsed, "invalid"},
	"phone.ErrCodeTries":   {phone.ErrCodeTries, "invalid"},
	"phone.ErrDriver":      {phone.ErrDriver, "sms_unavailable"},
	"phone.ErrRequest":     {phone.ErrRequest, "bad_request"},
	"phone.ErrPuzzle":      {phone.ErrPuzzle, "puzzle_unsolved"},
	"phone.Capped":         {&phone.Capped{Scope: phone.ScopeNumber, RetryAfter: time.Hour}, "capped"},
	"phone.ResendTooSoon":  {&phone.ResendTooSoon{At: time.Now()}, "resend_too_soon"},

	"rights.ErrLink": {rights.ErrLink, "not_found"},

	"seal.ErrToken":        {seal.ErrToken, "form_forged"},
	"seal.ErrTokenExpired": {seal.ErrTokenExpired, "form_expired"},
	"seal.ErrEpochEnded":   {seal.ErrEpochEnded, "erased"},

	"webhook.ErrUnknown":  {webhook.ErrUnknown, "not_found"},
	"webhook.ErrTooMany":  {webhook.ErrTooMany, "webhook_too_many"},
	"webhook.ErrDisabled": {webhook.ErrDisabled, "webhook_disabled"},
	"webhook.ErrErased":   {webhook.ErrErased, "erased"},
	"webhook.Invalid":     {&webhook.Invalid{Problems: []webhook.Problem{{Field: "url", Code: "scheme"}}}, "webhook_invalid"},
}

// internal are the errors that no reader can do anything about, and why.
var internal = map[string]struct {
	err error
	why string
}{
	"seal.ErrOpen":            {seal.ErrOpen, "stored data was changed or moved: a fault to be looked into"},
	"consent.ErrSigned":       {consent.ErrSigned, "for who checks a signed record from a file, not for the edges"},
	"consent.ErrBy":           {consent.ErrBy, "a program's fault: the edges name who acts"},
	"consent.ErrNoticeFixed":  {consent.ErrNoticeFixed, "a program's fault: publishing makes a new version"},
	"consent.ErrNoticeBroken": {consent.ErrNoticeBroken, "stored data was changed: a fault to be looked into"},
	"consent.ErrIncomplete":   {consent.ErrIncomplete, "a program's fault: records are made whole"},
	"capability.ErrPoints":    {capability.ErrPoints, "a program's fault: cases decide about points"},
	"policy.ErrNoRow":         {&policy.ErrNoRow{}, "a linted edition has a row for all facts: a fault to be looked into"},
	"casework.BadFinding":     {&casework.BadFinding{Why: errors.New("rule is missing")}, "a program's fault: detectors make findings whole"},
	"outbox.ErrMessage":       {outbox.ErrMessage, "a program's fault: rooms put messages, people do not"},
	"webhook.ErrSecret":       {webhook.ErrSecret, "for receivers that use the package to check a signature"},
	"webhook.ErrHeaders":      {webhook.ErrHeaders, "for receivers that use the package to check a signature"},
	"webhook.ErrSignature":    {webhook.ErrSignature, "for receivers that use the package to check a signature"},
	"webhook.ErrTimestamp":    {webhook.ErrTimestamp, "for receivers that use the package to check a signature"},
}

// Every error that a room exports is one that readers understand, or is on the
// list of those that no reader meets.
func TestEveryErrorIsForReaders(t *testing.T) {
	found := map[string]bool{}
	for _, room := range []string{
		"access", "app", "capability", "casework", "component", "consent", "handover", "lead", "outbox", "phone", "policy", "rights", "seal", "webhook",
	} {
		for _, f := range source(t, filepath.Join("..", room)) {
			for _, name := range errorsOf(f) {
				found[room+"."+name] = true
			}
		}
	}
	if len(found) < 50 {
		t.Fatalf("only %d errors found", len(found))
	}
	for name := range found {
		_, a := mapped[name]
		if _, b := internal[name]; a == b {
			t.Errorf("%s must be mapped to a problem, or be on the list of internal errors", name)
		}
	}
	for name := range maps.Keys(mapped) {
		if !found[name] {
			t.Errorf("%s is no error any more", name)
		}
	}
	for name, c := range mapped {
		for _, lang := range words.Langs() {
			p := web.ProblemFor(fmt.Errorf("somewhere: %w", c.err), lang)
			if p.Code != c.code || p.Status != web.Codes()[c.code] {
				t.Errorf("%s is %s, want %s", name, p.Code, c.code)
			}
			text, err := json.Marshal(p)
			if err != nil {
				t.Fatal(err)
			}
			if unfilled.Match(text) {
				t.Errorf("%s lacks words: %s", name, text)
			}
			if p.Status == http.StatusTooManyRequests && p.Wait() == "" {
				t.Errorf("%s does not say when to come back", name)
			}
		}
	}
	for name, c := range internal {
		if !found[name] {
			t.Errorf("%s is no error any more", name)
		}
		if p := web.ProblemFor(c.err, words.ZH); p.Code != "internal" || c.why == "" {
			t.Errorf("%s is %s", name, p.Code)
		}
	}
}

// unfilled finds a name that was not filled in, and a key without words.
var unfilled = regexp.MustCompile(`[^"]?\{[a-z_]+\}|\[(problem|role)\.`)

// errorsOf lists the Err… variables and the exported types that are errors.
func errorsOf(f *ast.File) (names []string) {
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if v, ok := s.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					for _, n := range v.Names {
						if strings.HasPrefix(n.Name, "Err") {
							names = append(names, n.Name)
						}
					}
				}
			}
		case *ast.FuncDecl:
			if d.Recv == nil || d.Name.Name != "Error" {
				continue
			}
			recv := d.Recv.List[0].Type
			if star, ok := recv.(*ast.StarExpr); ok {
				recv = star.X
			}
			if id, ok := recv.(*ast.Ident); ok && id.IsExported() {
				names = append(names, id.Name)
			}
		}
	}
	return names
}

// What people entered wrongly is said in both languages: every code that the rooms
// can give has words.
func TestEntriesHaveWords(t *testing.T) {
	need := map[string]bool{}
	for _, f := range source(t, "../access") {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if id, ok := n.Type.(*ast.Ident); ok && id.Name == "Invalid" && len(n.Elts) == 3 {
					code := literal(n.Elts[1])
					if field := literal(n.Elts[0]); field != "" {
						need["access."+field+"."+code] = true
					} else { // checkText, for whatever it is called with
						need["access.login."+code], need["access.name."+code] = true, true
					}
				}
			case *ast.CallExpr:
				if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "checkText" {
					if field := literal(n.Args[0]); field != "login" && field != "name" {
						t.Errorf("words for entries called %q are not asked for by this test", field)
					}
				}
			}
			return true
		})
	}
	for _, f := range source(t, "../webhook") {
		ast.Inspect(f, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				id, _ := call.Fun.(*ast.Ident)
				switch {
				case id != nil && id.Name == "add" && len(call.Args) == 3:
					need["webhook."+literal(call.Args[0])+"."+literal(call.Args[1])] = true
				case id != nil && id.Name == "bad" && len(call.Args) == 2:
					need["webhook.url."+literal(call.Args[0])] = true
				}
			}
			return true
		})
	}
	if len(need) < 40 {
		t.Fatalf("only %d codes found: %v", len(need), slices.Sorted(maps.Keys(need)))
	}
	for key := range need {
		if !words.Has("problem." + key) {
			t.Errorf("problem.%s has no words", key)
		}
	}
	for _, key := range words.Keys() {
		if rest, ok := strings.CutPrefix(key, "problem."); ok && (strings.HasPrefix(rest, "access.") || strings.HasPrefix(rest, "webhook.")) && !need[rest] {
			t.Errorf("%s has words that nothing says", key)
		}
	}
	zh := web.ProblemFor(&webhook.Invalid{Problems: []webhook.Problem{{Field: "url", Code: "scheme", Message: "x"}}}, words.ZH)
	en := web.ProblemFor(&access.Invalid{Field: "reason", Code: "digits", Message: "x"}, words.EN)
	if zh.Errors[0].Message != words.T(words.ZH, "problem.webhook.url.scheme") || en.Errors[0].Message != words.T(words.EN, "problem.access.reason.digits") {
		t.Errorf("said %+v and %+v", zh, en)
	}
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	text, _ := strconv.Unquote(lit.Value)
	return text
}

func TestUnavailableIsSaidAndInternalIsNot(t *testing.T) {
	p := web.ProblemFor(fmt.Errorf("read lead: %w", context.DeadlineExceeded), words.EN)
	if p.Code != "unavailable" || p.Wait() != "5" {
		t.Errorf("answered %+v", p)
	}
	secret := "leaks-" + strconv.Itoa(1<<20)
	p = web.ProblemFor(errors.New(secret), words.EN)
	if text, _ := json.Marshal(p); p.Code != "internal" || strings.Contains(string(text), secret) {
		t.Errorf("answered %s", text)
	}
}

func TestLockIsNeverLongerThanLocksAre(t *testing.T) {
	for until, want := range map[time.Duration]string{-time.Hour: "1", 24 * time.Hour: "900"} {
		if got := web.ProblemFor(&access.Locked{Until: time.Now().Add(until)}, words.ZH).Wait(); got != want {
			t.Errorf("locked for %s says %q, want %q", until, got, want)
		}
	}
}

func TestWriteProblem(t *testing.T) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("GET", "/x?lang=en", nil)
	web.WriteProblem(w, r, &phone.Capped{RetryAfter: 90*time.Second + time.Millisecond})
	if w.Code != 429 || w.Header().Get("Retry-After") != "91" || w.Header().Get("Content-Type") != "application/problem+json" ||
		w.Header().Get("Cache-Control") != "no-store" || !strings.Contains(w.Body.String(), `"code":"capped"`) {
		t.Errorf("answered %d %v %s", w.Code, w.Header(), w.Body)
	}
}

const problemPage = "../docs/api-problems.md"

// The page lists what the program answers; "go test ./web -run TestProblemPage -update" writes it.
func TestProblemPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# Problems 错误

Made by ` + "`go test ./web -run TestProblemPage -update`" + ` from the program; do not edit.

Every refusal of the API is ` + "`application/problem+json`" + ` (RFC 9457): ` + "`status`, `code`, `title`, `detail`, `request_id`" + `, and
where it applies ` + "`errors`" + ` (a list of ` + "`field`, `code`, `message`" + `) and ` + "`case`" + ` (the platform's case number).
Programs go by ` + "`code`" + `, which is stable; ` + "`title`, `detail` and `message`" + ` are for people, in the language of
` + "`?lang=`" + ` or ` + "`Accept-Language`" + `. No problem holds a value that somebody entered. 429 and 503 carry
` + "`Retry-After`" + ` in seconds where the wait is known.

| Status | Code | 中文 | English |
|---|---|---|---|
`)
	codes := slices.SortedFunc(maps.Keys(web.Codes()), func(a, b string) int {
		return cmp.Or(cmp.Compare(web.Codes()[a], web.Codes()[b]), cmp.Compare(a, b))
	})
	for _, code := range codes {
		fmt.Fprintf(&b, "| %d | `%s` |", web.Codes()[code], code)
		for _, lang := range words.Langs() {
			p := web.New(lang, code)
			gap := ": "
			if lang == words.ZH {
				gap = "："
			}
			fmt.Fprintf(&b, " %s%s%s |", p.Title, gap, p.Detail)
		}
		b.WriteString("\n")
	}
	if *update {
		if err := os.WriteFile(problemPage, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(problemPage)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if string(have) != b.String() {
		t.Error("docs/api-problems.md is not what the program answers; run: go test ./web -run TestProblemPage -update")
	}
}
