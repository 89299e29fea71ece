package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"clew/access"
	"clew/distribution"

	"github.com/danielgtaylor/huma/v2"
)

func (a *API) distributionRoutes(h huma.API) {
	keyed(a, h, huma.Operation{
		OperationID: "rank-components", Method: http.MethodGet, Path: "/v1/distribution", Tags: []string{"funnel"},
		Summary: "Which components to show in a district and a category, by valid leads expected per show",
		Description: "For the host app's key. Ranks are drawn from what is believed of each rate (Thompson sampling), so two calls may differ; " +
			"the same seed and evidence give the same. A component is in the answer only if, in the same transaction, its capability is in " +
			"force, it is published, and its target names the district and the category. No person's data is used.",
	}, a.rank)
}

type rankInput struct {
	Region   string `query:"region" required:"true" maxLength:"6" doc:"district code"`
	Category string `query:"category" required:"true" maxLength:"200" doc:"path of the category, as targets name it"`
	Source   string `query:"source" maxLength:"20" doc:"a scene: video, live, …; any when left out"`
	Limit    int    `query:"limit" minimum:"1" maximum:"50" default:"10"`
	Seed     uint64 `query:"seed" doc:"for the same draw again; 0 draws anew"`
}

// RankedComponent is a component with the reasons for its rank.
type RankedComponent struct {
	Rank       int                  `json:"rank"`
	Operator   string               `json:"operator"`
	App        string               `json:"app"`
	Component  string               `json:"component"`
	ConfigID   string               `json:"config_id"`
	Shows      int64                `json:"shows" doc:"in this district and from this source, in the last 28 days"`
	ValidLeads int64                `json:"valid_leads" doc:"of them"`
	Rate       float64              `json:"rate" doc:"expected valid leads per show"`
	Low        float64              `json:"low" doc:"the rate lies above this with 97.5 %"`
	High       float64              `json:"high" doc:"the rate lies below this with 97.5 %"`
	Drawn      float64              `json:"drawn" doc:"the value it was ranked by"`
	Prior      RankedPrior          `json:"prior"`
	Why        []string             `json:"why" doc:"serves: capability and target hold now; then best, promises (little is known) or new (never shown here)"`
	Levels     []distribution.Level `json:"levels" doc:"how the rate was estimated, from everything down to here"`
}

// RankedPrior is what is believed without the component's own shows here.
type RankedPrior struct {
	Rate     float64 `json:"rate"`
	Strength float64 `json:"strength" doc:"its weight, in shows"`
}

type rankOutput struct {
	Body struct {
		At         time.Time         `json:"at" doc:"of the evidence; at most 30 seconds old"`
		Seed       string            `json:"seed" doc:"a number of up to 20 digits"`
		Considered int               `json:"considered" doc:"targets that name the district and the category"`
		Components []RankedComponent `json:"components"`
	}
}

func (a *API) rank(ctx context.Context, c access.Caller, in *rankInput) (*rankOutput, error) {
	got, err := a.Distribution.Rank(ctx, c, distribution.Query{
		Region: in.Region, Category: in.Category, Scene: in.Source, Limit: in.Limit, Seed: in.Seed,
	})
	out := &rankOutput{}
	out.Body.At, out.Body.Seed, out.Body.Considered = got.At, strconv.FormatUint(got.Seed, 10), got.Considered
	out.Body.Components = []RankedComponent{}
	for _, r := range got.Components {
		out.Body.Components = append(out.Body.Components, RankedComponent{
			Rank: r.Rank, Operator: r.Operator, App: r.App, Component: r.Component, ConfigID: r.ConfigID, Shows: r.Shows, ValidLeads: r.Valid,
			Rate: r.Rate, Low: r.Low, High: r.High, Drawn: r.Drawn, Prior: RankedPrior{r.PriorRate, r.PriorStrength}, Why: r.Why, Levels: r.Levels,
		})
	}
	return out, err
}
