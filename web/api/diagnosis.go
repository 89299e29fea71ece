package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"clew/access"
	"clew/diagnosis"
	"clew/words"

	"github.com/danielgtaylor/huma/v2"
)

func (a *API) diagnosisRoutes(h huma.API) {
	keyed(a, h, huma.Operation{
		OperationID: "diagnose", Method: http.MethodGet, Path: "/v1/diagnosis", Tags: []string{"platforms"},
		Summary: "Why a page meets 10101 platform auth deny", Errors: []int{404},
		Description: "Say what the built page's form has; leave out what was not looked at, and send a parameter without a value for an " +
			"attribute that is not there. Exactly one cause is primary.",
	}, a.diagnose)
}

type diagnoseInput struct {
	App              string   `query:"app" required:"true" maxLength:"64"`
	ConfigID         string   `query:"config_id" maxLength:"128" doc:"the value of clue-component-id"`
	ConversionTarget string   `query:"conversion_target" maxLength:"128" doc:"the value of conversion-target"`
	Attributes       []string `query:"attributes" maxItems:"60" doc:"names of the attributes on the built form, as they stand there"`

	given map[string]bool
}

// Resolve notes which parameters were sent: one without a value says that the
// attribute is not there.
func (in *diagnoseInput) Resolve(ctx huma.Context) []error {
	u := ctx.URL()
	in.given = map[string]bool{}
	for name := range u.Query() {
		in.given[name] = true
	}
	return nil
}

// DiagnosisCause is one possible cause and what is known of it.
type DiagnosisCause struct {
	Cause   string `json:"cause" enum:"not_eligible,not_granted,suspended,withdrawn,id_unknown,id_of_another_app,component_deleted,component_invalid,attribute_missing,attribute_spelling,other"`
	Verdict string `json:"verdict" enum:"holds,does_not_hold,unknown"`
	Title   string `json:"title"`
	Detail  string `json:"detail,omitempty"`
	Do      string `json:"do" doc:"what puts it right"`
}

type diagnoseOutput struct {
	Body struct {
		Judge   string           `json:"judge" enum:"clew,douyin" doc:"whose word the app's rights and components were judged by"`
		Failed  string           `json:"failed,omitempty" doc:"the code with which Douyin refused to answer, or why it did not"`
		Primary string           `json:"primary" doc:"the cause to look at first"`
		Causes  []DiagnosisCause `json:"causes" nullable:"false"`
		At      time.Time        `json:"at"`
	}
}

func (a *API) diagnose(ctx context.Context, c access.Caller, in *diagnoseInput) (*diagnoseOutput, error) {
	q := diagnosis.Question{App: in.App}
	if in.given["config_id"] {
		q.ConfigID = &in.ConfigID
	}
	if in.given["conversion_target"] {
		q.ConversionTarget = &in.ConversionTarget
	}
	if in.given["attributes"] {
		q.Attributes = []string{}
		for _, name := range in.Attributes {
			if name = strings.TrimSpace(name); name != "" {
				q.Attributes = append(q.Attributes, name)
			}
		}
	}
	d, err := a.Diagnosis.Diagnose(ctx, c, q)
	if err != nil {
		return nil, err
	}
	out := &diagnoseOutput{}
	out.Body.Judge, out.Body.Failed, out.Body.Primary, out.Body.At = d.Judge, d.Failed, string(d.Primary), d.At
	lang := langOf(ctx)
	for _, j := range d.Causes {
		shown := DiagnosisCause{
			Cause: string(j.Cause), Verdict: string(j.Verdict),
			Title: words.T(lang, "diagnosis."+string(j.Cause)+".name"), Do: words.T(lang, "diagnosis."+string(j.Cause)+".do"),
		}
		if j.Detail != "" {
			shown.Detail = words.T(lang, "diagnosis.detail."+j.Detail, j.Args...)
		}
		out.Body.Causes = append(out.Body.Causes, shown)
	}
	return out, nil
}
