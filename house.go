package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/casework"
	"clew/component"
	"clew/db"
	"clew/diagnosis"
	"clew/distribution"
	"clew/douyin"
	"clew/exchange"
	"clew/funnel"
	"clew/handover"
	"clew/host"
	"clew/lead"
	"clew/ledger"
	"clew/outbox"
	"clew/phone"
	"clew/policy"
	"clew/rights"
	"clew/seal"
	"clew/web"
	"clew/web/api"
	"clew/web/console"
	"clew/web/public"
	"clew/webhook"
	"clew/widget"
)

// house is every room, wired. It is what serve, dev, the benchmarks and the
// end-to-end tests open.
type house struct {
	cfg  Config
	log  *slog.Logger
	db   *db.DB
	ring *seal.Ring

	access     *access.Room
	outbox     *outbox.Room
	ledger     *ledger.Room
	apps       *app.Room
	capability *capability.Room
	policies   *policy.Room
	casework   *casework.Room
	components *component.Room
	phone      *phone.Room
	exchange   *exchange.Room
	funnel     *funnel.Room
	ranking    *distribution.Room
	intake     *lead.Intake
	leads      *lead.Room
	handover   *handover.Room
	rights     *rights.Room
	webhooks   *webhook.Room
	metrics    *web.Metrics

	// Of development only.
	sms   *phone.LogDriver
	inbox *webhook.Inbox
	dev   bool
}

// openHouse opens the store and builds the rooms from the ground up. Close it.
func openHouse(ctx context.Context, cfg Config, ring *seal.Ring, sender phone.Sender, log *slog.Logger) (*house, error) {
	d, err := db.Open(ctx, db.Config{URL: cfg.databaseURL()})
	if err != nil {
		return nil, err
	}
	if err := d.Migrate(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	h := &house{cfg: cfg, log: log, db: d, ring: ring, metrics: web.NewMetrics()}
	h.access = &access.Room{DB: d, Ring: ring, Passkeys: passkeys(cfg)}
	h.outbox = outbox.New(d, log)
	h.ledger = &ledger.Room{DB: d, Ring: ring, Origin: ledgerName(cfg.BaseURL), Witnesses: cfg.witnesses(), Log: log}
	h.apps = &app.Room{DB: d, Access: h.access, Outbox: h.outbox, Open: capability.IsOpen}
	h.capability = &capability.Room{DB: d, Access: h.access, Outbox: h.outbox}
	h.components = &component.Room{DB: d, Access: h.access}
	h.phone = &phone.Room{DB: d, Ring: ring, Sender: sender}
	h.funnel = &funnel.Room{DB: d, Ring: ring, Access: h.access, Log: log, Owners: component.Owners, Reasons: lead.Reasons()}
	h.exchange = &exchange.Room{
		DB: d, Ring: ring, Access: h.access, Outbox: h.outbox, Log: log, OrdinaryToken: cfg.Platforms.WeChatOrdinaryToken,
		Hosts: exchange.Hosts{DouyinOpen: cfg.Platforms.DouyinOpen, DouyinLegacy: cfg.Platforms.DouyinLegacy, WeChat: cfg.Platforms.WeChat},
	}
	h.ranking = &distribution.Room{DB: d, Access: h.access}
	h.intake = &lead.Intake{DB: d, Ring: ring, Phone: h.phone, Outbox: h.outbox, Log: log, Funnel: h.funnel, Exchange: h.exchange}
	h.leads = &lead.Room{DB: d, Ring: ring, Access: h.access, Outbox: h.outbox, Log: log, Funnel: h.funnel}
	h.policies = &policy.Room{DB: d, Access: h.access}
	h.casework = &casework.Room{DB: d, Access: h.access, Capability: h.capability, Outbox: h.outbox, Ring: ring}
	h.handover = &handover.Room{DB: d, Ring: ring, Access: h.access, Casework: h.casework}
	h.rights = &rights.Room{DB: d, Ring: ring, Access: h.access, Leads: h.leads, BaseURL: cfg.BaseURL, Storage: cfg.Storage}
	h.webhooks = webhook.New(d, ring, h.access, h.outbox, log)
	h.webhooks.Personal = h.personal
	h.webhooks.Register()
	(&host.Room{DB: d, Outbox: h.outbox, URL: cfg.Host.URL, Secret: cfg.Host.Secret}).Register()
	return h, nil
}

// ledgerName is the log's address without its scheme (c2sp.org/tlog-tiles).
func ledgerName(base string) string {
	_, host, _ := strings.Cut(base, "://")
	return strings.TrimSuffix(host, "/") + "/ledger"
}

func passkeys(cfg Config) access.Config {
	domain := cfg.PasskeyDomain
	u, err := url.Parse(cfg.BaseURL)
	if err != nil {
		return access.Config{}
	}
	if domain == "" {
		domain = u.Hostname()
	}
	if _, err := netip.ParseAddr(domain); err == nil {
		return access.Config{} // a passkey is bound to a name, never to an address
	}
	return access.Config{RPID: domain, RPName: "Clew", Origins: []string{cfg.BaseURL}}
}

// personal reads a lead for a sealed webhook, on the record.
func (h *house) personal(ctx context.Context, operator, id string) (map[string]string, error) {
	answers, err := h.leads.Reveal(ctx, access.System(operator, "webhook"), id, nil, "sealed webhook delivery")
	if errors.Is(err, lead.ErrErased) || errors.Is(err, lead.ErrWithdrawn) || errors.Is(err, lead.ErrUnknown) {
		return nil, webhook.ErrErased
	}
	return answers, err
}

func (h *house) close() error { return h.db.Close() }

// handler is everything that answers requests.
func (h *house) handler() (http.Handler, error) {
	prefixes, err := h.cfg.proxies()
	if err != nil {
		return nil, err
	}
	limits := &web.Limits{PerSecond: h.cfg.RequestsPerSecond, Burst: int(2 * h.cfg.RequestsPerSecond)}
	switch {
	case h.cfg.RequestsPerSecond == 0:
		limits.PerSecond, limits.Burst = 20, 40
	case h.cfg.RequestsPerSecond < 0:
		limits = nil
	}
	mux := http.NewServeMux()
	(&public.Pages{
		DB: h.db, Ring: h.ring, Components: h.components, Intake: h.intake, Rights: h.rights, Casework: h.casework, Widget: widget.Files(),
		Proxies: prefixes, Limits: limits, Metrics: h.metrics, Log: h.log, BaseURL: h.cfg.BaseURL,
	}).Routes(mux)
	(&api.API{
		DB: h.db, Ring: h.ring, Access: h.access, Apps: h.apps, Capability: h.capability, Components: h.components, Leads: h.leads, Intake: h.intake, Phone: h.phone,
		Rights: h.rights, Webhooks: h.webhooks, Funnel: h.funnel, Distribution: h.ranking, Handover: h.handover, Casework: h.casework, Metrics: h.metrics, Proxies: prefixes, Limits: limits, Log: h.log,
		Exchange: h.exchange, Diagnosis: &diagnosis.Room{DB: h.db, Access: h.access, Exchange: h.exchange},
		BaseURL: h.cfg.BaseURL, Version: version,
	}).Routes(mux)
	(&douyin.Wire{
		DB: h.db, Ring: h.ring, Access: h.access, Apps: h.apps, Capability: h.capability, Components: h.components, Leads: h.leads,
		Handover: h.handover, Proxies: prefixes, Limits: limits, Log: h.log,
	}).Routes(mux)
	staff := &console.Console{
		DB: h.db, Ring: h.ring, Access: h.access, Apps: h.apps, Capability: h.capability, Components: h.components,
		Casework: h.casework, Policies: h.policies,
		Leads: h.leads, Rights: h.rights, Exchange: h.exchange, Diagnosis: &diagnosis.Room{DB: h.db, Access: h.access, Exchange: h.exchange},
		Webhooks: h.webhooks, Outbox: h.outbox, Funnel: h.funnel, Inbox: h.inbox, BaseURL: h.cfg.BaseURL, Dev: h.dev,
		Proxies: prefixes, Limits: limits, Log: h.log,
	}
	if h.sms != nil {
		staff.SMS = h.sms.Messages
	}
	if h.dev {
		staff.StepUp = 12 * time.Hour
	}
	staff.Routes(mux)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.HandleFunc("GET /metrics", h.serveMetrics)
	return web.Logged(h.log, h.metrics, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Pages say more; nothing we answer is ever to be guessed at.
		w.Header().Set("X-Content-Type-Options", "nosniff")
		mux.ServeHTTP(w, r)
	})), nil
}

// ready says, part by part, whether this process can take leads.
func (h *house) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	parts := map[string]string{"database": "ok", "schema": "ok"}
	status := http.StatusOK
	if err := h.db.Ping(ctx); err != nil {
		parts["database"], status = "does not answer", http.StatusServiceUnavailable
	} else if have, want, err := h.db.Schema(ctx); err != nil || have < want {
		parts["schema"], status = "is behind the program", http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(parts)
}

// serveMetrics answers this machine only, and no proxy on it: numbers tell a
// competitor a lot.
func (h *house) serveMetrics(w http.ResponseWriter, r *http.Request) {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	addr, err := netip.ParseAddr(host)
	carried := false
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		carried = carried || r.Header.Get(name) != ""
	}
	if err != nil || !addr.IsLoopback() || carried {
		web.WriteProblem(w, r, web.New(web.Lang(r), "not_found"))
		return
	}
	h.metrics.Handler().ServeHTTP(w, r)
}

// run serves on the listeners until ctx ends, then answers what is under way and
// stops.
func (h *house) run(ctx context.Context, listeners ...net.Listener) error {
	handler, err := h.handler()
	if err != nil {
		return err
	}
	process, err := h.arrive(ctx)
	if err != nil {
		return err
	}
	h.intake.Start()
	var workers sync.WaitGroup
	workCtx, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	workers.Go(func() {
		if err := h.outbox.Run(workCtx); err != nil && !errors.Is(err, context.Canceled) {
			h.log.Error("outbox stopped", "error", err)
		}
	})
	workers.Go(func() { _ = h.ledger.Run(workCtx) })
	workers.Go(func() { h.funnel.Run(workCtx) })
	workers.Go(func() { h.upkeep(workCtx) })
	workers.Go(func() { h.beat(workCtx, process) })
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      10 * time.Minute, // an export of a large account
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(h.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- srv.Serve(l) }()
	}
	select {
	case err = <-failed:
		_ = srv.Close() // the other listener
	case <-ctx.Done():
		h.log.Info("stopping")
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
		defer cancel()
		err = srv.Shutdown(stopCtx)
	}
	// Requests have ended; what they left for intake and outbox is finished.
	h.intake.Stop()
	stopWork()
	workers.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

const (
	beatEvery  = 10 * time.Second
	beatMissed = 30 * time.Second
)

// arrive says that this process is at work, before it takes anything in. Keys that
// were changed since it read them stop it: "clew keys rotate" either sees this
// process in time or has written the file before.
func (h *house) arrive(ctx context.Context) (process string, err error) {
	process = db.NewID("proc")
	if err := h.db.Present(ctx, process); err != nil {
		return "", fmt.Errorf("presence: %w", err)
	}
	if h.cfg.KeyFile == "" {
		return process, nil // keys of this process alone
	}
	keys, err := seal.Load(h.cfg.KeyFile)
	if err == nil && keys.Epoch() != h.ring.Epoch() {
		err = errors.New("the keys were changed while the server was starting; start it again")
	}
	if err != nil {
		return "", errors.Join(err, h.db.Absent(context.WithoutCancel(ctx), process))
	}
	return process, nil
}

// beat goes on saying that this process is at work, for commands that must be alone.
func (h *house) beat(ctx context.Context, process string) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if err := h.db.Present(ctx, process); err != nil && ctx.Err() == nil {
				h.log.Error("presence", "error", err)
			}
		case <-ctx.Done():
			if err := h.db.Absent(context.WithoutCancel(ctx), process); err != nil {
				h.log.Error("presence", "error", err)
			}
			return
		}
	}
}

// upkeep erases what is past its time, once a minute.
func (h *house) upkeep(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := h.sweep(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("upkeep", "error", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (h *house) sweep(ctx context.Context) error {
	for {
		n, err := h.leads.Sweep(ctx)
		if err != nil {
			return fmt.Errorf("erase expired leads: %w", err)
		}
		if n == 0 {
			break
		}
		h.log.Info("leads past their retention were erased", "count", n)
	}
	// What was erased must not linger in the write-ahead log.
	checkpoint := h.db.Checkpoint(ctx)
	_, codes := h.phone.Sweep(ctx)
	_, messages := h.outbox.Sweep(ctx)
	_, taps := h.handover.Sweep(ctx)
	_, deliveries := h.webhooks.Sweep(ctx)
	_, exchanged := h.exchange.Sweep(ctx)
	_, checkpoints := h.ledger.Thin(ctx)
	_, days := h.funnel.Sweep(ctx)
	return errors.Join(checkpoint, codes, taps, messages, deliveries, exchanged, checkpoints, days, h.access.Sweep(ctx))
}
