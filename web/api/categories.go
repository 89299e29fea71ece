package api

import (
	"context"
	"net/http"
	"time"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"

	"github.com/danielgtaylor/huma/v2"
)

// maxPapersBody bounds an application with papers, in bytes of JSON. The console
// takes larger ones: there files need no base64.
const maxPapersBody = 24 << 20

// HeldCategory is a category of an app with what it lets the app do.
type HeldCategory struct {
	Path     string     `json:"path" doc:"three levels joined by \" > \""`
	State    string     `json:"state" enum:"applied,approved,online,offline"`
	Since    time.Time  `json:"since"`
	DueAt    *time.Time `json:"due_at,omitempty" doc:"an application is answered before this instant, five working days after it came"`
	Main     bool       `json:"main"`
	Reason   string     `json:"reason,omitempty" doc:"of the last decision"`
	Papers   []Paper    `json:"papers" nullable:"false" doc:"of the newest application"`
	Open     bool       `json:"open" doc:"leads may be collected in it now"`
	Collects bool       `json:"collects" doc:"it lets this app collect now: open, online, and by the basis in force"`
}

// Paper is a file that came with an application.
type Paper struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	MediaType string `json:"media_type" enum:"application/pdf,image/jpeg,image/png"`
	Size      int    `json:"size" doc:"bytes"`
	SHA256    string `json:"sha256"`
}

// ListedCategory is a category of the norm's table.
type ListedCategory struct {
	Path      string `json:"path"`
	Open      bool   `json:"open" doc:"an application would be taken"`
	Mandatory bool   `json:"mandatory" doc:"the norm obliges its apps to use the component (必接)"`
}

// PrivacyItem is a kind of data with what it is taken for.
type PrivacyItem struct {
	ID   int    `json:"id" minimum:"1" maximum:"1000000" doc:"1 phone number, 2 name, 3 region, 4 e-mail address, 5 other; further numbers are kept as they come"`
	Desc string `json:"desc" maxLength:"200" doc:"what it is taken for, 2 to 200 characters"`
}

// AppPrivacy is what an app tells people about the data it takes.
type AppPrivacy struct {
	Configured bool          `json:"configured" doc:"false: nothing below counts"`
	ContactWay int           `json:"contact_way" enum:"0,1,2,3" doc:"which contact comes first: 1 e-mail, 2 phone, 3 land line, 0 not said"`
	Email      string        `json:"email,omitempty" maxLength:"100"`
	Phone      string        `json:"phone,omitempty" maxLength:"30" doc:"for people to ask at; it is public"`
	LandLine   string        `json:"land_line,omitempty" maxLength:"30"`
	Items      []PrivacyItem `json:"items" nullable:"false" maxItems:"50"`
}

func (a *API) categoryRoutes(h huma.API) {
	tags := []string{"apps"}
	const one = "/v1/apps/{id}"
	keyed(a, h, huma.Operation{
		OperationID: "list-categories", Method: http.MethodGet, Path: one + "/categories", Tags: tags, Errors: []int{404},
		Summary: "Categories of an app with state, due date and papers, and the norm's table",
	}, a.listCategories)
	keyed(a, h, huma.Operation{
		OperationID: "apply-category", Method: http.MethodPost, Path: one + "/categories", Tags: tags, Errors: []int{404, 409},
		Summary: "Apply for a category with papers; needs the scopes read and write", DefaultStatus: http.StatusCreated, MaxBodyBytes: maxPapersBody,
	}, a.applyCategory)
	keyed(a, h, huma.Operation{
		OperationID: "set-main-category", Method: http.MethodPut, Path: one + "/main-category", Tags: tags, Errors: []int{404},
		Summary: "Name the category that the app mainly does business in; needs the scopes read and write",
	}, a.setMain)
	keyed(a, h, huma.Operation{
		OperationID: "get-privacy", Method: http.MethodGet, Path: one + "/privacy", Tags: tags, Errors: []int{404},
		Summary: "The app's privacy setting",
	}, a.getPrivacy)
	keyed(a, h, huma.Operation{
		OperationID: "set-privacy", Method: http.MethodPut, Path: one + "/privacy", Tags: tags, Errors: []int{404},
		Summary: "Replace the app's privacy setting; needs the scopes read and write",
	}, a.setPrivacy)
}

type appInput struct {
	ID string `path:"id" maxLength:"64"`
}

type categoriesOutput struct {
	Body struct {
		Categories []HeldCategory   `json:"categories" nullable:"false"`
		Basis      string           `json:"basis" enum:"service_category,main_category" doc:"which categories count now: any that is online, or the main one alone"`
		Table      []ListedCategory `json:"table" nullable:"false"`
	}
}

// mayShowApp refuses, before anything is changed, whoever may not read the answer.
func (a *API) mayShowApp(ctx context.Context, c access.Caller, id string) error {
	return a.Access.Check(ctx, c, access.AppRead, access.Subject{Kind: "app", ID: id})
}

func (a *API) listCategories(ctx context.Context, c access.Caller, in *appInput) (*categoriesOutput, error) {
	if err := a.mayShowApp(ctx, c, in.ID); err != nil {
		return nil, err
	}
	out := &categoriesOutput{}
	out.Body.Categories, out.Body.Table = []HeldCategory{}, []ListedCategory{}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := app.Get(ctx, tx, c.Operator, in.ID); err != nil {
			return err
		}
		basis, err := capability.BasisNow(ctx, tx)
		if err != nil {
			return err
		}
		out.Body.Basis = string(basis)
		table, err := capability.Table(ctx, tx)
		if err != nil {
			return err
		}
		open := map[string]bool{}
		for _, row := range table {
			open[row.Path] = row.Open
			out.Body.Table = append(out.Body.Table, ListedCategory{row.Path, row.Open, row.Mandatory})
		}
		eligible, err := capability.Eligible(ctx, tx, c.Operator, in.ID)
		if err != nil {
			return err
		}
		collects := map[string]bool{}
		for _, path := range eligible {
			collects[path] = true
		}
		held, err := app.Categories(ctx, tx, c.Operator, in.ID)
		if err != nil {
			return err
		}
		for _, k := range held {
			one := HeldCategory{
				Path: k.Path, State: string(k.State), Since: k.Since, Main: k.Main, Reason: k.Reason, Papers: []Paper{},
				Open: open[k.Path], Collects: collects[k.Path],
			}
			if !k.Due.IsZero() {
				one.DueAt = &k.Due
			}
			papers, err := app.Papers(ctx, tx, c.Operator, in.ID, k.Path)
			if err != nil {
				return err
			}
			for _, p := range papers {
				one.Papers = append(one.Papers, Paper{p.ID, p.Name, p.MediaType, p.Size, p.SHA256})
			}
			out.Body.Categories = append(out.Body.Categories, one)
		}
		return nil
	})
	return out, err
}

type applyCategoryInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Category string `json:"category" maxLength:"300" doc:"path of the norm's table"`
		Papers   []struct {
			Name    string `json:"name" maxLength:"400"`
			Content []byte `json:"content" doc:"base64 of a PDF, JPEG or PNG of at most 5 MB"`
		} `json:"papers,omitempty" doc:"at most 9"`
	}
}

func (a *API) applyCategory(ctx context.Context, c access.Caller, in *applyCategoryInput) (*categoriesOutput, error) {
	if err := a.mayShowApp(ctx, c, in.ID); err != nil {
		return nil, err
	}
	papers := make([]app.NewPaper, len(in.Body.Papers))
	for i, p := range in.Body.Papers {
		papers[i] = app.NewPaper{Name: p.Name, Content: p.Content}
	}
	if err := a.Apps.ApplyCategory(ctx, c, in.ID, in.Body.Category, papers); err != nil {
		return nil, err
	}
	return a.listCategories(ctx, c, &appInput{in.ID})
}

type setMainInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Category string `json:"category" maxLength:"300" doc:"one that is approved or online"`
	}
}

func (a *API) setMain(ctx context.Context, c access.Caller, in *setMainInput) (*categoriesOutput, error) {
	if err := a.mayShowApp(ctx, c, in.ID); err != nil {
		return nil, err
	}
	if err := a.Apps.SetMain(ctx, c, in.ID, in.Body.Category); err != nil {
		return nil, err
	}
	return a.listCategories(ctx, c, &appInput{in.ID})
}

type privacyOutput struct{ Body AppPrivacy }

func (a *API) getPrivacy(ctx context.Context, c access.Caller, in *appInput) (*privacyOutput, error) {
	if err := a.mayShowApp(ctx, c, in.ID); err != nil {
		return nil, err
	}
	out := &privacyOutput{}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := app.Get(ctx, tx, c.Operator, in.ID); err != nil {
			return err
		}
		p, err := app.GetPrivacy(ctx, tx, c.Operator, in.ID)
		out.Body = AppPrivacy{p.Configured, p.ContactWay, p.Email, p.Phone, p.LandLine, []PrivacyItem{}}
		for _, i := range p.Items {
			out.Body.Items = append(out.Body.Items, PrivacyItem{i.ID, i.Desc})
		}
		return err
	})
	return out, err
}

type setPrivacyInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body AppPrivacy
}

func (a *API) setPrivacy(ctx context.Context, c access.Caller, in *setPrivacyInput) (*privacyOutput, error) {
	if err := a.mayShowApp(ctx, c, in.ID); err != nil {
		return nil, err
	}
	b := in.Body
	p := app.Privacy{Configured: b.Configured, ContactWay: b.ContactWay, Email: b.Email, Phone: b.Phone, LandLine: b.LandLine}
	for _, i := range b.Items {
		p.Items = append(p.Items, app.PrivacyItem{ID: i.ID, Desc: i.Desc})
	}
	if err := a.Apps.SetPrivacy(ctx, c, in.ID, p); err != nil {
		return nil, err
	}
	return a.getPrivacy(ctx, c, &appInput{in.ID})
}
