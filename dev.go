package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clew/access"
	"clew/casework"
	"clew/component"
	"clew/phone"
	"clew/seal"
	"clew/webhook"
)

// demo is what a development installation remembers of itself, beside the data:
// secrets that production shows once and forgets.
type demo struct {
	Operator      string `json:"operator"`
	App           string `json:"app"`
	AppSecret     string `json:"app_secret"`
	Component     string `json:"component"`
	Owner         string `json:"owner"`
	Admin         string `json:"admin"`
	APIKey        string `json:"api_key"`
	HostKey       string `json:"host_key"`
	Webhook       string `json:"webhook"`
	WebhookSecret string `json:"webhook_secret"`
	// Desks are those who handle violations, one for each role: staff by role.
	Desks map[access.Role]string `json:"desks,omitempty"`
}

// ready is the line that "clew dev --json" prints.
type ready struct {
	URL             string `json:"url"`
	ConsoleURL      string `json:"console_url"`
	ConsoleLoginURL string `json:"console_login_url"`
	AdminLoginURL   string `json:"admin_login_url"`
	// DeskLoginURLs are one-time links for the desks that handle violations, by role.
	DeskLoginURLs   map[access.Role]string `json:"desk_login_urls"`
	APIKey          string                 `json:"api_key"`
	OperatorID      string                 `json:"operator_id"`
	AppID           string                 `json:"app_id"`
	AppSecret       string                 `json:"app_secret"`
	ComponentID     string                 `json:"component_id"`
	PageURL         string                 `json:"page_url"`
	WebhookInboxURL string                 `json:"webhook_inbox_url"`
	OutboxURL       string                 `json:"outbox_url"`
	OpenAPIURL      string                 `json:"openapi_url"`
	// HostAPIKey is the host app's: it issues phone and login codes.
	HostAPIKey string `json:"host_api_key"`
	// TLSURL and CAFile are there with --tls.
	TLSURL string `json:"tls_url,omitempty"`
	CAFile string `json:"ca_file,omitempty"`
}

const demoCategory = "商业服务 > 商业服务 > 法律服务"

func runDev(ctx context.Context, w world, args []string) (err error) {
	f := flags(w, "dev")
	data := f.String("data", "clew-dev", "folder for the demo's data, made when it is missing")
	listen := f.String("listen", "127.0.0.1:8080", "address to listen on; port 0 takes any free one")
	secure := f.Bool("tls", false, "serve HTTPS too, for the hosts that the open platform's SDKs ask, under an authority of its own")
	listenTLS := f.String("listen-tls", "127.0.0.1:8443", "address to listen on for HTTPS; port 0 takes any free one")
	asJSON := f.Bool("json", false, "print one line of JSON on stdout when ready")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		return fmt.Errorf("%w; give another address with --listen, port 0 takes any free one", err)
	}
	defer func() { _ = l.Close() }()
	listeners := []net.Listener{l}
	var tlsURL, caFile string
	if *secure {
		config, file, err := devTLS(filepath.Join(*data, "tls"), time.Now())
		if err != nil {
			return err
		}
		s, err := net.Listen("tcp", *listenTLS)
		if err != nil {
			return fmt.Errorf("%w; give another address with --listen-tls, port 0 takes any free one", err)
		}
		defer func() { _ = s.Close() }()
		listeners = append(listeners, tls.NewListener(s, config))
		tlsURL, caFile = "https://"+s.Addr().String(), file
	}
	log := io.Writer(w.stderr)
	if !*asJSON {
		// On a terminal the story matters, not a line per request.
		file, err := openDevLog(*data)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		log = file
	}
	h, line, err := openDemo(ctx, *data, l.Addr(), w.stderr, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	line.TLSURL, line.CAFile = tlsURL, caFile
	if *asJSON {
		// The socket accepts already; answers come as soon as the server runs.
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintln(w.stdout, string(text)); err != nil {
			return err
		}
	} else {
		tell(w.stderr, line, *data)
	}
	return h.run(ctx, listeners...)
}

func openDevLog(data string) (*os.File, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	return os.OpenFile(filepath.Join(data, "clew.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
}

func tell(w io.Writer, r ready, data string) {
	_, _ = fmt.Fprintf(w, `
  Clew is ready. Open the page as a person would, at phone size:

    页面 page             %s
    控制台 console        %s
                          (one-time link; the platform's: %s)
    违规处置 desks        %s
    Webhook 收件箱 inbox  %s
    短信 sent codes       %s  (and below, in this terminal)
    API                   %s
    API key               %s

%s  Data, keys and the log are in %s. Ctrl-C stops it; the data stays.

`, r.PageURL, r.ConsoleLoginURL, r.AdminLoginURL, tellDesks(r), r.WebhookInboxURL, r.OutboxURL, r.OpenAPIURL, r.APIKey, tellTLS(r), data)
}

// tellDesks is one link a line, in the order of the roles.
func tellDesks(r ready) string {
	var lines []string
	for _, role := range access.Roles() {
		if link := r.DeskLoginURLs[role]; link != "" {
			lines = append(lines, fmt.Sprintf("%-24s %s", role, link))
		}
	}
	return strings.Join(lines, "\n                          ")
}

// tellTLS is what --tls adds: how a program that speaks to the real open platform
// speaks to this one.
func tellTLS(r ready) string {
	if r.TLSURL == "" {
		return ""
	}
	return fmt.Sprintf(`    HTTPS                 %s   as open.douyin.com and developer.toutiao.com
    证书颁发机构 CA       %s
    app_id, secret        %s %s
    宿主密钥 host key     %s
                          docs/manual/wire.md says how to point an SDK here

`, r.TLSURL, r.CAFile, r.AppID, r.AppSecret, r.HostAPIKey)
}

// openDemo opens, and on first use furnishes, a development installation. Codes
// are printed on terminal.
func openDemo(ctx context.Context, data string, addr net.Addr, terminal, log io.Writer) (*house, ready, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, ready{}, err
	}
	return openDemoOn(ctx, Config{Data: data, KeyFile: filepath.Join(data, "demo-keys.json")}, addr, terminal, log)
}

// openDemoOn is openDemo on the store that cfg names.
func openDemoOn(ctx context.Context, cfg Config, addr net.Addr, terminal, log io.Writer) (*house, ready, error) {
	cfg.Listen, cfg.BaseURL = addr.String(), "http://"+addr.String()
	cfg.Storage, cfg.RequestsPerSecond = "中国大陆", 50
	ring, err := demoKeys(cfg.KeyFile)
	if err != nil {
		return nil, ready{}, err
	}
	sms := phone.NewLogDriver(terminal, time.Now)
	h, err := openHouse(ctx, cfg, ring, sms, newLog(log))
	if err != nil {
		return nil, ready{}, err
	}
	h.dev, h.sms = true, sms
	if port, err := netip.ParseAddrPort(addr.String()); err == nil {
		h.webhooks.AllowHosts = []netip.AddrPort{port}
	}
	if h.inbox, err = webhook.NewInbox(nil); err != nil {
		return nil, ready{}, errors.Join(err, h.close())
	}
	line, err := h.furnish(ctx)
	if err != nil {
		return nil, ready{}, errors.Join(err, h.close())
	}
	return h, line, nil
}

// demoKeys makes the demo's key file once. It stands in the data folder, which
// production refuses, and is marked, which production refuses too.
func demoKeys(path string) (*seal.Ring, error) {
	if _, err := os.Stat(path); err == nil {
		return seal.Load(path)
	}
	ring := seal.NewRing(time.Now(), true)
	return ring, ring.Create(path)
}

// furnish makes the demo's operator, app, component and endpoint on first use,
// and fresh sign-in links at every start.
func (h *house) furnish(ctx context.Context) (ready, error) {
	path := filepath.Join(h.cfg.Data, "demo.json")
	var d demo
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if d, err = h.firstFurniture(ctx); err != nil {
			return ready{}, fmt.Errorf("make the demo data: %w", err)
		}
		if text, err = json.MarshalIndent(d, "", "  "); err != nil {
			return ready{}, err
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
			return ready{}, err
		}
	case err != nil:
		return ready{}, err
	default:
		if err := json.Unmarshal(text, &d); err != nil {
			return ready{}, fmt.Errorf("%s does not read; remove the folder to begin anew", path)
		}
	}
	was := d
	if d.HostKey == "" {
		if _, d.HostKey, err = h.access.CreateKey(ctx, access.System("", "clew dev"), access.NewKey{Name: "clew dev", Scopes: access.ScopeHost}); err != nil {
			return ready{}, fmt.Errorf("make the host app's key: %w", err)
		}
	}
	if d.Desks == nil {
		if d.Desks, err = h.furnishDesks(ctx, d.App); err != nil {
			return ready{}, fmt.Errorf("let the desks in: %w", err)
		}
	}
	if d.HostKey != was.HostKey || was.Desks == nil {
		if text, err = json.MarshalIndent(d, "", "  "); err != nil {
			return ready{}, err
		}
		if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
			return ready{}, err
		}
	}
	// The port may be another than last time.
	owner := access.System(d.Operator, "clew dev")
	if _, err := h.webhooks.Update(ctx, owner, d.Webhook, h.demoEndpoint()); err != nil {
		return ready{}, fmt.Errorf("point the webhook at this server: %w", err)
	}
	if err := h.inbox.SetSecrets(d.WebhookSecret); err != nil {
		return ready{}, err
	}
	ownerLink, err := h.access.NewLoginLink(ctx, d.Owner, firstLink)
	if err != nil {
		return ready{}, err
	}
	adminLink, err := h.access.NewLoginLink(ctx, d.Admin, firstLink)
	if err != nil {
		return ready{}, err
	}
	desks := map[access.Role]string{}
	for role, id := range d.Desks {
		link, err := h.access.NewLoginLink(ctx, id, firstLink)
		if err != nil {
			return ready{}, err
		}
		desks[role] = h.loginURL(link)
	}
	base := h.cfg.BaseURL
	return ready{
		DeskLoginURLs: desks,
		URL:           base, ConsoleURL: base + "/console/", ConsoleLoginURL: h.loginURL(ownerLink), AdminLoginURL: h.loginURL(adminLink),
		APIKey: d.APIKey, OperatorID: d.Operator, AppID: d.App, AppSecret: d.AppSecret, ComponentID: d.Component,
		PageURL: base + "/c/" + d.Component, WebhookInboxURL: base + "/dev/inbox", OutboxURL: base + "/console/outbox",
		OpenAPIURL: base + "/openapi.json", HostAPIKey: d.HostKey,
	}, nil
}

func (h *house) demoEndpoint() webhook.Draft {
	d := webhook.Draft{URL: h.cfg.BaseURL + "/dev/inbox", Description: "demo inbox on this machine"}
	for _, e := range webhook.Events() {
		if e.Name != webhook.EventTest {
			d.Events = append(d.Events, e.Name)
		}
	}
	return d
}

// furnishDesks lets in one person for each role that handles violations, and gives
// them a complaint to begin with.
func (h *house) furnishDesks(ctx context.Context, app string) (map[access.Role]string, error) {
	platform := access.System("", "clew dev")
	desks := map[access.Role]string{}
	for role, name := range map[access.Role]string{
		access.RoleInspector: "演示巡查员", access.RoleReviewer: "演示审理员", access.RoleApprover: "演示复核人", access.RoleAppeals: "演示申诉审理员",
		access.RolePolicyEditor: "演示标准起草人", access.RolePolicyApprover: "演示标准批准人", access.RoleAuditor: "演示审计员",
	} {
		s, _, err := h.access.Invite(ctx, platform, access.NewStaff{Login: strings.TrimPrefix(string(role), "platform-"), Name: name, Role: role})
		if err != nil {
			return nil, err
		}
		desks[role] = s.ID
	}
	_, _, err := h.casework.Report(ctx, platform, casework.NewReport{
		App: app, Channel: "other_lawful", Proof: map[string]string{"source": "演示"},
		Reporter: casework.Reporter{Text: "演示线索：进入页面即弹出手机号授权，拒绝后不能继续。"},
	})
	return desks, err
}

func (h *house) firstFurniture(ctx context.Context) (d demo, err error) {
	made, secret, err := h.addOperator(ctx, "清舟律师事务所（演示）", demoCategory, nil)
	if err != nil {
		return d, err
	}
	d.Operator, d.App, d.AppSecret = made.Operator, made.ID, secret
	by := access.System(d.Operator, "clew dev")
	if d.Component, err = h.components.Create(ctx, by, component.Sample(d.App)); err != nil {
		return d, err
	}
	if _, _, err := h.components.Publish(ctx, by, d.Component); err != nil {
		return d, err
	}
	for _, who := range []struct {
		by    access.Caller
		staff access.NewStaff
		id    *string
	}{
		{by, access.NewStaff{Login: "owner", Name: "演示负责人", Role: access.RoleOwner}, &d.Owner},
		{access.System("", "clew dev"), access.NewStaff{Login: "admin", Name: "演示平台", Role: access.RoleAdmin}, &d.Admin},
	} {
		s, _, err := h.access.Invite(ctx, who.by, who.staff)
		if err != nil {
			return d, err
		}
		*who.id = s.ID
	}
	if _, d.APIKey, err = h.access.CreateKey(ctx, by, access.NewKey{
		Name: "clew dev", Scopes: access.ScopeRead | access.ScopeReveal | access.ScopeWrite,
	}); err != nil {
		return d, err
	}
	e, webhookSecret, err := h.webhooks.Create(ctx, by, h.demoEndpoint())
	d.Webhook, d.WebhookSecret = e.ID, webhookSecret
	return d, err
}
