package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/db/dbtest"
	"clew/region"
)

// The official SDK of the real open platform, as it comes from the registry, and
// whatever else an operator's server written for that platform does: against a "clew
// dev --tls" that is a process of its own, and on PostgreSQL.
func TestTheOfficialSDKSpeaksToClewDev(t *testing.T) {
	t.Parallel()
	for name, version := range map[string]string{"open_api_sdk": "1.1.0", "open_api_credential": "1.0.0"} {
		raw, err := os.ReadFile("douyin/sdktest/node_modules/@open-dy/" + name + "/package.json")
		var pkg struct{ Version string }
		if err != nil || json.Unmarshal(raw, &pkg) != nil || pkg.Version != version {
			t.Fatalf("the SDK is not there (%v): run \"npm ci --prefix douyin/sdktest --ignore-scripts\", as scripts/test does", err)
		}
	}
	t.Run("clew dev", func(t *testing.T) { speak(t, startTLS(t)) })
	t.Run("postgres", func(t *testing.T) {
		config, caFile, err := devTLS(t.TempDir(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		p := startHere(t, dbtest.Postgres(t), tls.NewListener(l, config))
		p.TLSURL, p.CAFile = "https://"+l.Addr().String(), caFile
		speak(t, p)
	})
}

func speak(t *testing.T, p *platform) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	spki, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	if a := p.call(http.MethodPost, "/v1/apps/"+p.AppID+"/public-keys", p.APIKey, map[string]string{
		"public_key": string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki})),
	}, nil); a.status != http.StatusCreated {
		t.Fatalf("the key is not taken: %d %s", a.status, a.body)
	}
	tapped := newNumber()
	given := map[string]string{
		"app_id": p.AppID, "app_secret": p.AppSecret, "host_api_key": p.HostAPIKey, "operator_id": p.OperatorID, "component_id": p.ComponentID,
		"district": region.All()[0].Code, "category": "30", "number": tapped,
	}

	// Whoever does not trust our authority is spoken to by nobody.
	if _, said, err := p.node(nil, "place", given); err == nil || !strings.Contains(said, "certificate") {
		t.Errorf("without the authority: %v, %s", err, said)
	}
	trust := []string{"NODE_EXTRA_CA_CERTS=" + p.CAFile}
	placed, said, err := p.node(trust, "place", given)
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, said, p.log)
	}
	given["config_id"], _ = placed.at("created.data.config_id").(string)
	placed.holds(t, map[string]any{
		"created.status": 200.0, "created.err_no": 0.0, "updated.err_no": 0.0, "listed.data.total": 2.0, "listed.data.cert_status": true,
		"listed.data.clue_component_list.0.state": "0", "listed.data.clue_component_list.0.category_name": "商业服务-商业服务-法律服务",
		"deleted.err_no": 0.0, "left.data.total": 1.0, "left.data.clue_component_list.0.config_name": "立即咨询",
		"left.data.clue_component_list.0.config_id": given["config_id"],
		"left.data.clue_component_list.0.region":    region.All()[0].Code, "long.status": 200.0, "long.err_no": 28001007.0, "long.data": nil,
	})

	// A person sees the component in a video and leaves a number on the page.
	now := time.Now()
	if a := p.call(http.MethodPost, "/v1/events", p.APIKey, map[string]any{"events": []any{
		map[string]any{"id": "sdk-story-0001", "kind": "component_show", "component": p.ComponentID, "scene": "video", "video": "v7", "visitor": "a", "at": now.UnixMilli()},
		map[string]any{"id": "sdk-story-0002", "kind": "click", "component": p.ComponentID, "scene": "video", "video": "v7", "visitor": "a", "at": now.UnixMilli()},
		map[string]any{"id": "sdk-story-0003", "kind": "component_show", "component": p.ComponentID, "scene": "live", "room": "r9", "visitor": "b", "at": now.UnixMilli()},
	}}, nil); a.status >= 300 {
		t.Fatalf("events: %d %s", a.status, a.body)
	}
	number := newNumber()
	lead, _ := p.lead(number)
	china := time.FixedZone("UTC+8", 8*3600)
	given["start_time"], given["end_time"] = fmt.Sprint(now.Add(-time.Hour).Unix()), fmt.Sprint(now.Add(time.Minute).Unix())
	given["start_text"] = now.Add(-time.Hour).In(china).Format(time.DateTime)
	given["end_text"] = now.Add(time.Hour).In(china).Format(time.DateTime)

	// Counts come about a second later.
	token := p.wire(map[string]string{}, "/oauth/client_token/", map[string]any{"client_key": p.AppID, "client_secret": p.AppSecret, "grant_type": "client_credential"})
	bearer, _ := token.at("data.access_token").(string)
	var counts *heard
	until(t, "the lead to be counted", func() bool {
		counts = p.wire(map[string]string{"access-token": bearer}, "/api/platform/v2/data_analysis/query_component_with_overview/",
			map[string]any{"start_time": given["start_time"], "end_time": given["end_time"]})
		return counts.at("data.ComponentOverviewData.ClueCnt") == 1.0
	})
	read, said, err := p.node(trust, "read", given)
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, said, p.log)
	}
	// The SDK turns 64-bit numbers into strings, so that none loses digits.
	read.holds(t, map[string]any{
		"oauth.data.error_code": "0", "oauth.message": "success",
		"capacities.err_no": 0.0, "capacities.data.app_capacity_info_list.0.capacity_key": "clue_component",
		"capacities.data.app_capacity_info_list.0.is_auth_permission":            true,
		"capacities.data.app_capacity_info_list.0.apply_condition.0.0.satisfied": true,
		"status.data.status": 2.0,
		"apply.code":         "28001007",
		"categories.data.app_category_audit_info.0.category":             "30",
		"categories.data.app_category_audit_info.0.category_audit_state": 2.0,
		"privacyAdd.err_no":                                     0.0,
		"privacy.data.is_configure":                             true,
		"credit.data.credit_score":                              100.0,
		"overview.data.ComponentOverviewData.ComponentShowUv":   "2",
		"overview.data.ComponentOverviewData.ComponentClickPv":  "1",
		"overview.data.ComponentOverviewData.ComponentReportPv": "1",
		"overview.data.ComponentOverviewData.ComponentShowPv":   "2", "overview.data.ComponentOverviewData.ClueCnt": "1",
		"overview.data.ComponentDataInfoList.0.Date":        now.In(china).Format("20060102"),
		"source.data.ScenesDataList.0.Scenes":               "video",
		"source.data.ScenesDataList.0.ScenesName":           "短视频",
		"source.data.ScenesDataList.0.Data.ComponentShowPv": "1",
		"data.data.Total":                         "1",
		"data.data.DataList.0.ComponentId":        given["config_id"],
		"data.data.DataList.0.ComponentName":      "立即咨询",
		"detail.data.VideoData.DataList.0.ItemId": "v7",
		"detail.data.LiveData.DataList.0.RoomId":  "r9",
		"foreign.code":                            "28001007",
		"clues.data.page.total":                   1.0,
		"clues.data.clue_data.0.clue_id":          lead,
		"clues.data.clue_data.0.telephone":        masked(number),
		"clues.extra.error_code":                  0.0,
		"others.code":                             "28001007",
		"expired.code":                            "28001003",
		"session.err_no":                          "0",
		"sessionAgain.code":                       "40018",
		"phone.err_no":                            0.0,
		"phoneAgain.err_no":                       28005187.0,
		"phoneForLogin.err_no":                    28005187.0,
		"phoneForLogin.data":                      nil,
		"phoneAfterwards.err_no":                  28005187.0,
		"hostForLogin.status":                     403.0,
		"hostForLogin.code":                       "purpose_refused",
	})
	for _, name := range []string{"legacy.accessToken", "oauth.data.access_token"} {
		if text, _ := read.at(name).(string); !strings.HasPrefix(text, "clt.") {
			t.Errorf("%s is no token", name)
		}
	}
	if text, _ := read.at("wrongSecret.message").(string); !strings.Contains(text, "10013") {
		t.Errorf("a wrong secret: %s", text)
	}
	for _, name := range []string{"session_key", "openid", "unionid", "anonymous_openid"} {
		if text, _ := read.at("session.data." + name).(string); text == "" {
			t.Errorf("the session has no %s", name)
		}
	}

	// What the operator's server reads with its private key is the number of the tap.
	text, _ := read.at("phone.data").(string)
	cipher, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(cipher) == 0 || len(cipher)%key.Size() != 0 {
		t.Fatalf("%d bytes of ciphertext, %v", len(cipher), err)
	}
	var plain []byte
	for block := range slices.Chunk(cipher, key.Size()) {
		//lint:ignore SA1019 the padding is the real platform's
		piece, err := rsa.DecryptPKCS1v15(nil, key, block)
		if err != nil {
			t.Fatal(err)
		}
		plain = append(plain, piece...)
	}
	var phone struct {
		PhoneNumber, PurePhoneNumber, CountryCode string
		Watermark                                 struct{ AppID string }
	}
	if err := json.Unmarshal(plain, &phone); err != nil || phone.PhoneNumber != "+86"+tapped || phone.PurePhoneNumber != tapped ||
		phone.CountryCode != "86" || phone.Watermark.AppID != p.AppID {
		t.Errorf("another number came out, or another app's: %v", err)
	}
	if err := p.stop(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	for _, n := range []string{number, tapped} {
		if strings.Contains(p.log.String(), n) {
			t.Error("the log holds a number")
		}
	}
}

// wire asks a call of the open platform's wire over plain HTTP.
func (p *platform) wire(header map[string]string, path string, body any) *heard {
	p.t.Helper()
	out := &heard{}
	p.call(http.MethodPost, path, "", body, &out.json, func(r *http.Request) {
		for name, value := range header {
			r.Header.Set(name, value)
		}
	})
	return out
}

// heard is what a program told as JSON.
type heard struct{ json any }

func (o *heard) at(path string) any {
	v := o.json
	for part := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[part]
		case []any:
			var i int
			if _, err := fmt.Sscan(part, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func (o *heard) holds(t *testing.T, want map[string]any) {
	t.Helper()
	for path, v := range want {
		if got := o.at(path); got != v {
			t.Errorf("%s is %v, want %v", path, got, v)
		}
	}
}

// node runs an act of the story with the SDK's hosts taken to p.
func (p *platform) node(env []string, act string, given map[string]string) (out *heard, said string, err error) {
	p.t.Helper()
	u, err := url.Parse(p.TLSURL)
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := json.Marshal(given)
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.CommandContext(p.t.Context(), "node", "--require", "./lookup.cjs", "story.cjs", act)
	cmd.Dir = "douyin/sdktest"
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(strings.ToUpper(v), "=")
		return strings.HasPrefix(name, "NODE_") || strings.HasSuffix(name, "_PROXY")
	})
	cmd.Env = append(append(cmd.Env, "WIRE_PORT="+u.Port()), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, stderr.String(), err
	}
	out = &heard{}
	return out, stderr.String(), json.Unmarshal(stdout.Bytes(), &out.json)
}
