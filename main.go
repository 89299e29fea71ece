// Command clew captures leads with consent that stands up in a dispute. This
// package maps the first word of the command line to a command; it alone reads
// flags and the environment.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set at release by the linker.
var version = "0.1.0-dev"

// world is what a command may see of the outside.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
}

type command struct {
	name, args, about string
	run               func(ctx context.Context, w world, args []string) error
}

// commands is a function because usage, which commands print, lists them.
func commands() []command {
	return []command{
		{"dev", "[--data DIR] [--listen ADDR] [--tls] [--json]", "a platform with demo data on this machine", runDev},
		{"serve", "[--config FILE]", "the server, for production", runServe},
		{"keys", "new FILE | rotate --config FILE", "make a key file; begin a new epoch and end the old ones", runKeys},
		{"migrate", "--config FILE", "bring the database to this program's schema", runMigrate},
		{"admin", "add --config FILE NAME", "add a platform admin and print their one-time link", runAdmin},
		{"operator", "add --config FILE --category PATH NAME", "add an operator with an app and an owner, and print the one-time link", runOperator},
		{"host", "add --config FILE NAME | revoke --config FILE ID", "add a key of the host app, which issues codes, and print it; end one", runHost},
		{"bench", "intake | growth | check DIR | funnel | distribution | governance [flags]", "measure intake beside bare inserts, lists as leads grow, clew check beside linters, the funnel, rankings, cases", runBench},
		{"check", "[--format F] [--reading R] [--watch] DIR", "say where a mini-program or web project breaks the norm", runCheck},
		{"explain", "[RULE]", "print a rule's page, or list the rules", runExplain},
		{"lsp", "", "a Language Server over standard input and output, for editors", runLSP},
		{"ledger", "verify | prove | rotate --config FILE; monitor | open --key K", "hold the log to what was signed; prove an entry; follow a log from outside", runLedger},
		{"policy", "lint FILE | coverage FILE | show", "find fault with an edition of the penalty policy; what its rows decide; print the one that ships", runPolicy},
		{"replay", "--config FILE", "compute every case from its events and every decision from its edition again", runReplay},
		{"version", "", "print the version", func(_ context.Context, w world, _ []string) error {
			_, err := fmt.Fprintln(w.stdout, "clew", version)
			return err
		}},
	}
}

// errUsage says that the command line was not understood and usage was printed.
var errUsage = errors.New("usage")

func usage(w io.Writer) {
	_, _ = fmt.Fprintln(w, "usage: clew COMMAND")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-9s %-46s %s\n", c.name, c.args, c.about)
	}
}

func run(ctx context.Context, w world, args []string) error {
	if len(args) == 0 {
		usage(w.stderr)
		return errUsage
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		usage(w.stdout) // it was asked for
		return nil
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, w, args[1:])
		}
	}
	usage(w.stderr)
	return fmt.Errorf("there is no command %q", args[0])
}

// flags makes a flag set that prints to stderr and returns errors.
func flags(w world, name string) *flag.FlagSet {
	f := flag.NewFlagSet("clew "+name, flag.ContinueOnError)
	f.SetOutput(w.stderr)
	return f
}

// parse reads flags and demands exactly n words after them.
func parse(f *flag.FlagSet, args []string, n int) error {
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage // the flag package has said what
	}
	if f.NArg() != n {
		f.Usage()
		return fmt.Errorf("%s takes %d words after its flags, not %d", f.Name(), n, f.NArg())
	}
	return nil
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, world{os.Stdin, os.Stdout, os.Stderr, os.Getenv}, os.Args[1:])
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errFound):
		os.Exit(1)
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		_, _ = fmt.Fprintln(os.Stderr, "clew:", err)
		os.Exit(2)
	}
}
