package api

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/component"
	"clew/db"
	"clew/funnel"

	"github.com/danielgtaylor/huma/v2"
)

// maxEventsBody bounds a call of [funnel.MaxEvents] events, in bytes.
const maxEventsBody = 512 << 10

func (a *API) eventRoutes(h huma.API) {
	h.Adapter().Handle(&huma.Operation{Method: http.MethodOptions, Path: "/v1/public/components/{id}/events"}, a.options)
	public(a, h, huma.Operation{
		OperationID: "report-page-events", Method: http.MethodPost, Path: "/v1/public/components/{id}/events",
		Summary: "What happened at a component on a page or in a mini-program, counted without a person", DefaultStatus: http.StatusAccepted,
		Description: "Visitors are told apart for a day by a hash of address and browser under a key that is destroyed; no cookie is read " +
			"or set. The same id again changes nothing. One wrong event refuses the call and `errors` names it.",
	}, a.pageEvents)
	keyed(a, h, huma.Operation{
		OperationID: "report-events", Method: http.MethodPost, Path: "/v1/events", Tags: []string{"funnel"}, MaxBodyBytes: maxEventsBody,
		Summary:     "What happened before a lead, from a server, up to 1000 events",
		Description: "For the scope write, or the host app's key, which names the app in each event. Leads are counted by themselves.",
	}, a.serverEvents)
}

// PageEvent is what a page may say of itself.
type PageEvent struct {
	ID   string `json:"id,omitempty" maxLength:"64" doc:"8 to 64 letters, digits, dashes, underscores, new for each event; the same on each retry. Left out, each arrival counts"`
	Kind string `json:"kind" enum:"component_show,click,open,consent,refuse"`
	At   int64  `json:"at,omitempty" minimum:"0" maximum:"9007199254740991" doc:"milliseconds since 1970, at most 72 hours ago; left out, when it arrives"`
	PagePlace
}

// PagePlace is what led a person to a component. It is exported since huma passes
// over embedded types that are not.
type PagePlace struct {
	Source    string `json:"source,omitempty" maxLength:"200" doc:"a scene: video, live, solid_entrance, search, share, scan; else the kind of page decides"`
	Room      string `json:"room,omitempty" maxLength:"64" doc:"id of the live room"`
	Video     string `json:"video,omitempty" maxLength:"64"`
	Promotion string `json:"promotion,omitempty" maxLength:"64"`
	Region    string `json:"region,omitempty" maxLength:"6" doc:"district code"`
}

type pageEventsInput struct {
	ID   string `path:"id" maxLength:"64"`
	UA   string `header:"User-Agent"`
	Body struct {
		Events []PageEvent `json:"events" minItems:"1" maxItems:"50"`
	}
}

type takenOutput struct {
	Body struct {
		Counted   int `json:"counted" doc:"events that are new"`
		Duplicate int `json:"duplicate" doc:"events whose id was seen before"`
	}
}

func (a *API) pageEvents(ctx context.Context, in *pageEventsInput) (*takenOutput, error) {
	var v *component.Version
	if err := a.DB.Read(ctx, func(tx *db.Tx) (err error) {
		v, err = component.Live(ctx, tx, in.ID)
		return err
	}); err != nil {
		return nil, err
	}
	events := make([]funnel.Event, len(in.Body.Events))
	for i, e := range in.Body.Events {
		events[i] = funnel.Event{
			ID: e.ID, Kind: funnel.Kind(e.Kind), App: v.App, Component: in.ID, Scene: a.sceneOf(ctx, e.Source),
			Room: e.Room, Video: e.Video, Promotion: e.Promotion, Region: e.Region,
			Visitor: visitor(ctx, in.UA), At: time.UnixMilli(e.At),
		}
		if e.ID == "" {
			events[i].ID = db.NewID("ev")
		}
		if e.At == 0 {
			events[i].At = a.DB.Now()
		}
	}
	taken, err := a.Funnel.Take(ctx, v.Operator, events)
	return showTaken(taken), err
}

// strange is what a name of a place does not hold.
var strange = regexp.MustCompile(`[^a-z0-9_-]+`)

// plainName is what is kept of a page's name for the place where its form stands.
func plainName(source string) string {
	source = strange.ReplaceAllString(strings.ToLower(source), "-")
	return source[:min(len(source), 40)]
}

// sceneOf is the scene that a page named, or the kind of page it is.
func (a *API) sceneOf(ctx context.Context, source string) string {
	origin, _ := ctx.Value(originKey).(string)
	source = plainName(source)
	switch {
	case slices.Contains(funnel.Scenes(), source):
		return source
	case origin == a.BaseURL:
		return funnel.SceneHosted
	case origin != "":
		return funnel.SceneSite
	}
	return funnel.SceneOther
}

// countRefusal counts a sheet that was closed or declined.
func (a *API) countRefusal(ctx context.Context, operator, id, event, agent string) error {
	_, err := a.Funnel.Take(ctx, operator, []funnel.Event{{
		ID: event, Kind: funnel.Refuse, Component: id, Scene: a.sceneOf(ctx, ""), Visitor: visitor(ctx, agent), At: a.DB.Now(),
	}})
	return err
}

// visitor is what tells visitors of pages apart for a day. The funnel hashes it and
// keeps nothing of it.
func visitor(ctx context.Context, agent string) string {
	address, _ := ctx.Value(addressKey).(string)
	return address + " " + agent[:min(len(agent), 200)]
}

func showTaken(t funnel.Taken) *takenOutput {
	out := &takenOutput{}
	out.Body.Counted, out.Body.Duplicate = t.Counted, t.Duplicate
	return out
}

// ServerEvent is an event as a server reports it.
type ServerEvent struct {
	ID        string `json:"id" maxLength:"64" doc:"8 to 64 letters, digits, dashes, underscores, new for each event; the same on each retry"`
	Kind      string `json:"kind" enum:"view,anchor_show,anchor_click,app_open,component_show,click,open,consent,refuse"`
	At        int64  `json:"at" minimum:"0" maximum:"9007199254740991" doc:"milliseconds since 1970; at most 72 hours ago and 5 minutes ahead"`
	App       string `json:"app,omitempty" maxLength:"64" doc:"needed from the host app, and where no component took part"`
	Component string `json:"component,omitempty" maxLength:"64" doc:"needed from component_show on"`
	Scene     string `json:"scene,omitempty" enum:"video,live,solid_entrance,search,share,scan,hosted,site,other"`
	Room      string `json:"room,omitempty" maxLength:"64" doc:"id of the live room"`
	Video     string `json:"video,omitempty" maxLength:"64"`
	Promotion string `json:"promotion,omitempty" maxLength:"64"`
	Region    string `json:"region,omitempty" maxLength:"6" doc:"district code"`
	Visitor   string `json:"visitor,omitempty" maxLength:"256" doc:"what tells visitors apart for a day; hashed at once under a key that is destroyed. Never a phone number"`
}

type serverEventsInput struct {
	Body struct {
		Events []ServerEvent `json:"events" minItems:"1" maxItems:"1000"`
	}
}

func (a *API) serverEvents(ctx context.Context, c access.Caller, in *serverEventsInput) (*takenOutput, error) {
	events := make([]funnel.Event, len(in.Body.Events))
	for i, e := range in.Body.Events {
		events[i] = funnel.Event{
			ID: e.ID, Kind: funnel.Kind(e.Kind), App: e.App, Component: e.Component, Scene: e.Scene, Room: e.Room, Video: e.Video,
			Promotion: e.Promotion, Region: e.Region, Visitor: e.Visitor, At: time.UnixMilli(e.At),
		}
	}
	taken, err := a.Funnel.Report(ctx, c, events)
	return showTaken(taken), err
}
