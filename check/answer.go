package check

import (
	"slices"

	"clew/check/program"
	"clew/check/rule"
	"clew/check/settings"
	"clew/check/source"
	"clew/finding"
)

// apply puts what a project decided about being checked into the options.
func (o *Options) apply(s settings.Settings) {
	if o.Reading == "" {
		o.Reading = rule.Reading(s.Reading)
	}
	if len(s.Paths.Ignore) > 0 {
		o.Source.Skip = func(path string) bool { return !s.Reads(path) }
	}
	if len(o.Targets) == 0 {
		o.Targets = s.Platforms
	}
	o.Own.DialogTags = append(slices.Clone(o.Own.DialogTags), s.Dialogs.Tags...)
	o.Own.DialogCalls = append(slices.Clone(o.Own.DialogCalls), s.Dialogs.Calls...)
	if len(s.APIs) == 0 {
		return
	}
	o.Own.Calls, o.Own.Purposes = map[string]program.EffectKind{}, map[string]string{}
	for _, a := range s.APIs {
		o.Own.Calls[a.Name] = acts[a.Does]
		if a.Purpose != "" {
			o.Own.Purposes[a.Name] = string(a.Purpose)
		}
	}
}

var acts = map[settings.Act]program.EffectKind{
	settings.Request: program.Request, settings.Navigate: program.Navigate, settings.Toast: program.Toast, settings.Phone: program.Phone,
}

// answer takes out of a report what somebody answered for: by a path that is not
// looked at, a comment, or the list of what was there before.
func (o *Options) answer(r *finding.Report, tree *source.Tree) {
	s := o.Settings
	if len(s.Paths.Include) > 0 {
		r.Findings = slices.DeleteFunc(r.Findings, func(f finding.Finding) bool { return !s.Reports(f.Place.File) })
		var names []string
		for _, f := range tree.Files {
			names = append(names, f.Path)
		}
		r.Notes = append(r.Notes, s.Idle(names)...)
	}
	var given []settings.Suppression
	for _, f := range tree.Files {
		if !f.Vendored {
			given = append(given, settings.Scan(f.Path, f.Text)...)
		}
	}
	kept, suppressed, notes := settings.Apply(r.Findings, given, rule.IDs(), s.Off())
	r.Findings, r.Suppressed, r.Notes = kept, append(r.Suppressed, suppressed...), append(r.Notes, notes...)
	if len(o.Baseline.Entries) > 0 {
		kept, suppressed, notes = o.Baseline.Apply(r.Findings, func(file string) bool { return tree.File(file) != nil || !tree.Exists(file) })
		r.Findings, r.Suppressed, r.Notes = kept, append(r.Suppressed, suppressed...), append(r.Notes, notes...)
	}
}
