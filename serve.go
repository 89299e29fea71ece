package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"clew/phone"
	"clew/seal"
)

// newLog writes JSON lines. Nothing that is logged may hold personal data; the
// rooms' errors and types see to that, and TestNoNumberLeaksAnywhere holds them to it.
func newLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// loadKeys reads the key file of a production installation.
func loadKeys(cfg Config) (*seal.Ring, error) {
	ring, err := seal.Load(cfg.KeyFile)
	if err != nil {
		return nil, err
	}
	if ring.Demo() {
		return nil, errors.New(`key_file holds the keys of a demo installation ("clew dev"); make new ones with "clew keys new FILE"`)
	}
	return ring, nil
}

// productionConfig reads and checks everything a command needs in production.
func productionConfig(w world, path string) (Config, *seal.Ring, error) {
	cfg, err := readConfig(path, w.getenv)
	if err != nil {
		return cfg, nil, err
	}
	if err := cfg.check(); err != nil {
		return cfg, nil, fmt.Errorf("this configuration is not safe or not complete:\n%w", err)
	}
	ring, err := loadKeys(cfg)
	return cfg, ring, err
}

// openProduction opens the house of an installation, for commands beside serve.
func openProduction(ctx context.Context, w world, path string) (*house, error) {
	cfg, ring, err := productionConfig(w, path)
	if err != nil {
		return nil, err
	}
	if cfg.Database == "" {
		if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
			return nil, err
		}
	}
	var sender phone.Sender = noSender{}
	if cfg.SMS.Driver == "http" {
		if sender, err = phone.NewHTTPDriver(cfg.SMS.gateway()); err != nil {
			return nil, err
		}
	}
	return openHouse(ctx, cfg, ring, sender, newLog(w.stderr))
}

// noSender stands where no gateway is: codes cannot be sent, and people are told.
type noSender struct{}

func (noSender) Send(context.Context, phone.Number, string) error {
	return errors.New("no SMS gateway is configured")
}

func runServe(ctx context.Context, w world, args []string) (err error) {
	f := flags(w, "serve")
	path := f.String("config", w.getenv("CLEW_CONFIG"), "configuration file (TOML)")
	if err := parse(f, args, 0); err != nil {
		return err
	}
	h, err := openProduction(ctx, w, *path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.close()) }()
	_, _ = fmt.Fprintln(w.stderr, "clew", version, "serves with")
	h.cfg.print(w.stderr)
	l, err := net.Listen("tcp", h.cfg.Listen)
	if err != nil {
		return fmt.Errorf("%w; set listen to a free address", err)
	}
	return h.run(ctx, l)
}
