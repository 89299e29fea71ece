package public

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"clew/words"
)

// frame is what every page has around its own content.
type frame struct {
	Lang  words.Lang
	Title string
	// Brand stands at the top: whose page this is. Home is where it leads; empty for
	// no link.
	Brand, Home string
	// Others are this page in the other languages.
	Others []other
	// Test says that what is done here does not count.
	Test bool
	// Private keeps the page out of search engines.
	Private bool
	// Widget loads the element's script.
	Widget bool
	// Wide gives the page room for two columns.
	Wide bool
	// Wrong puts the word for an error before the title (WCAG technique G199).
	Wrong bool
}

// other is the same page in another language.
type other struct {
	Lang      words.Lang
	Name, URL string
}

// title is what stands in the tab: what is wrong first, whose page last.
func (f frame) title() string {
	title := f.Title
	if f.Wrong {
		title = f.t("error_prefix") + title
	}
	if f.Brand != "" && f.Brand != f.Title {
		title += " · " + f.Brand
	}
	return title
}

func (f frame) t(key string, args ...any) string { return words.T(f.Lang, "public."+key, args...) }

// fact is a term and what it says. URL is a link after the text; URLNote says for
// screen readers where it opens.
type fact struct{ Term, Text, URL, URLNote string }

func (x fact) lines() []string {
	if x.Text == "" {
		return nil
	}
	return strings.Split(x.Text, "\n")
}

// plainView is a page that says one thing.
type plainView struct {
	frame
	Texts         []string
	Facts         []fact
	Next, NextURL string
	// More are further ways on, in our own pages.
	More      []channelLink
	RequestID string
}

type asked struct {
	Label    string
	Required bool
}

type landingView struct {
	frame
	Component, Benefit string
	Asked              []asked
	Facts              []fact
	Trigger, Form      string
	Declined           bool
	Preview            string // token; empty when this is no test
	Complain           string // where to complain about the app
}

// maxRadios is how many answers stand open; more become a list to pull down.
const maxRadios = 6

type choiceView struct {
	At, Name, Text     string
	Required, Accepted bool
	Error              string
}

type option struct{ Value, Label string }

type fieldView struct {
	At, Name, Kind, Label, Hint string
	Required                    bool
	Value, Error                string
	Autocomplete, InputMode     string
	Options                     []option
}

// input is what makes a phone show the right keyboard and fill in by itself.
// E-mail and number are text here: their types would have the browser check with
// words of its own, and ours say more and are the same everywhere.
func (x fieldView) input() templ.Attributes {
	a := templ.Attributes{"type": "text", "autocomplete": x.Autocomplete}
	if x.InputMode != "" {
		a["inputmode"] = x.InputMode
	}
	switch x.Kind {
	case kindPhone:
		a["type"] = "tel"
	case kindDate:
		a["type"] = "date"
		delete(a, "inputmode")
	case kindEmail:
		a["autocapitalize"], a["spellcheck"] = "none", "false"
	}
	return a
}

func (x fieldView) described() templ.Attributes {
	a, by := templ.Attributes{}, ""
	if x.Hint != "" {
		by = x.At + "-hint"
	}
	if x.Error != "" {
		if by != "" {
			by += " "
		}
		by += x.At + "-wrong"
		if !x.radios() {
			a["aria-invalid"] = "true"
		}
	}
	if by != "" {
		a["aria-describedby"] = by
	}
	if x.Required && !x.radios() {
		a["aria-required"] = "true"
	}
	return a
}

func (x fieldView) radios() bool { return x.Kind == kindChoice && len(x.Options) <= maxRadios }

// optionAt is the id of a radio button; the first has the field's own, so that
// the error summary leads there.
func (x fieldView) optionAt(i int) string {
	if i == 0 {
		return x.At
	}
	return fmt.Sprintf("%s-%d", x.At, i)
}

type errorLine struct{ At, Text string }

type formView struct {
	frame
	Back, Action, Decline string
	Token                 string
	Notice                []fact
	Choices               []choiceView
	Fields                []fieldView
	Errors                []errorLine
	Verified, CodeSent    bool
	JustSent              bool // the code left a moment ago
	CodeID, Code          string
	CodeError             string
	Submit                string
}

// States of a receipt, as the person reads them.
const (
	stateGiven     = "given"
	stateWithdrawn = "withdrawn"
	stateErased    = "erased"
)

type personView struct {
	frame
	// Base is the page's own path, Address its whole address.
	Base, Address string
	New           bool
	Done          string // "withdraw" or "erase" right after it was done
	Number        string
	Operator      string
	State         string
	WithdrawnAt   string
	ErasedAt      string
	Expires       string
	Answers       []fact
	Use           []fact
	Given         []fact
	Notice        string
	NoticeHash    string
	NoticeLang    words.Lang
}

func (v personView) link(path string) string { return v.Base + path + "?lang=" + string(v.Lang) }

type confirmView struct {
	frame
	Act          string // "withdraw" or "erase"
	Operator     string
	Points       []string
	Action, Back string
}

// Kinds of fields that pages treat in ways of their own.
const (
	kindPhone  = "phone"
	kindChoice = "choice"
	kindText   = "text"
	kindDate   = "date"
	kindEmail  = "email"
)
