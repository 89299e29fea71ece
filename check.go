package main

import (
	"context"
	"fmt"
	"os"

	"clew/check"
	"clew/check/report"
	"clew/check/rule"
	"clew/check/sarif"
	"clew/finding"
	"clew/words"
)

// errFound says that violations were found and told: exit 1, nothing to print.
var errFound = fmt.Errorf("violations were found")

func runCheck(ctx context.Context, w world, args []string) error {
	f := flags(w, "check")
	format := f.String("format", "text", "text, json, sarif or github")
	reading := f.String("reading", "", "platform or strict")
	if err := parse(f, args, 1); err != nil {
		return err
	}
	dir := f.Arg(0)
	r, err := check.Run(ctx, os.DirFS(dir), check.Options{Reading: rule.Reading(*reading), Version: version})
	if err != nil {
		return err
	}
	r.Root = dir
	source := func(string) ([]byte, bool) { return nil, false }
	switch *format {
	case "text":
		err = report.Text(w.stdout, r, report.TextOptions{Lang: words.ZH, Source: source})
	case "json":
		err = report.JSON(w.stdout, r)
	case "sarif":
		err = sarif.Write(w.stdout, r, sarif.Options{Lang: words.ZH})
	case "github":
		err = report.GitHub(w.stdout, r, words.ZH)
	default:
		return fmt.Errorf("there is no format %q", *format)
	}
	if err != nil {
		return err
	}
	if r.Count(finding.Violation) > 0 {
		return errFound
	}
	return nil
}
