package rule

import (
	"strings"

	"clew/check/ask"
	"clew/check/pattern"
	"clew/check/program"
	"clew/check/source"
	"clew/finding"
)

var (
	delivery      = pattern.MustCompile(`收货|收件|配送地址|发货|寄件|发票|收票`)
	deliveryRoute = pattern.MustCompile(`(?i)address|receipt|invoice`)
)

// claim is how surely a question collects a number for more than handing something
// over: violation where it does, review where nothing is seen to send it or where it
// belongs to a delivery. ok is false where the button may ask for anything, as a
// library's own does.
func claim(a *ask.Ask) (v finding.Verdict, ok bool) {
	v = finding.Violation
	if a.Button != nil {
		if !asksByName(a.Button) {
			return v, false
		}
	} else if typedSender(a) == nil || delivers(a) {
		v = finding.Review
	}
	if staysHere(a) || exampleFile.MatchString(a.Node.File.Path) || exampleFile.MatchString(a.Page.Unit.Name()) {
		v = finding.Review
	}
	return v, true
}

// exampleFile is a file by which a library shows itself.
var exampleFile = pattern.MustCompile(`(?i)(^|/)(_?examples?|demos?|__tests?__|[a-z-]+-demo)/`)

// staysHere reports whether nothing is seen by which a number leaves the page: a form
// that only checks itself, a button whose answer nobody takes.
func staysHere(a *ask.Ask) bool {
	if a.Button != nil && a.Grant == nil && len(a.Button.Events) > 0 {
		return false // something answers, but is not found
	}
	if a.Clue != nil {
		return false // the platform takes the answers
	}
	if a.Form != nil && a.Form.Attr("action") != nil {
		return false // the browser sends them
	}
	for _, s := range a.Submits {
		for i := range s.Trace.Effects {
			switch e := &s.Trace.Effects[i]; e.Kind {
			case program.Request, program.Store, program.Navigate, program.Pay, program.Login, program.Profile, program.Phone:
				return false
			case program.Emit: // who uses the component is not known, where it is judged alone
				if a.Page.Unit.Source.Kind == source.ComponentUnit {
					return false
				}
			case program.Outside, program.Open: // a form component is told to check itself
				if !local[e.Name[strings.LastIndexByte(e.Name, '.')+1:]] {
					return false
				}
			}
		}
	}
	return len(a.Submits) > 0 || a.Button != nil
}

// local is calls that take nothing out of the page.
var local = map[string]bool{
	"validate": true, "validateField": true, "validateFields": true, "resetFields": true, "reset": true, "log": true, "preventDefault": true,
	"stopPropagation": true, "addPhoneContact": true, "setClipboardData": true, "hideKeyboard": true, "vibrateShort": true,
	"showLoading": true, "hideLoading": true, "useState": true, "useRef": true, "test": true, "trim": true,
}

// asksByName reports whether a button is written to ask for the phone number, here or
// by who uses it.
func asksByName(n *program.Node) bool {
	ability, attr, computed := n.OpenType()
	if attr == nil || !computed || strings.Contains(ability, "phone") || ability == "getauthorize" {
		return true
	}
	return n.Page.Program().Look(n, attr.Expr).Any(func(t *program.Term) bool {
		return t.Kind == program.String && (strings.Contains(strings.ToLower(t.Str), "phone") || t.Str == "getAuthorize")
	})
}

// delivers reports whether a form takes an address to send something to.
func delivers(a *ask.Ask) bool {
	if delivery.MatchString(a.Words()) || deliveryRoute.MatchString(a.Page.Unit.Source.Route) || delivery.MatchString(a.Page.Unit.Source.Title) {
		return true
	}
	for _, f := range a.Fields {
		if delivery.MatchString(f.Hint) || delivery.MatchString(f.Label) {
			return true
		}
	}
	return false
}
