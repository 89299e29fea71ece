package exchange

import (
	"context"
	"net/url"
	"strconv"
)

// Component is a lead component as Douyin itself lists it for one of its apps.
type Component struct {
	ConfigID string
	Name     string
	// State is "0" before the first report, "1" in use, "2" invalid.
	State string
}

// Listed is what Douyin says of an app's lead components.
type Listed struct {
	// Eligible is Douyin's cert_status: whether the app may have components.
	Eligible   bool
	Components []Component
	// Whole is false when there are more components than were read.
	Whole bool
}

const (
	listedPage  = 20 // rows, Douyin's most
	listedPages = 5
)

// Listed asks Douyin which lead components an app has there. The errors are
// [*Failed] and failures of the store; without a credential it is Refused with the
// code no_credential.
func (r *Room) Listed(ctx context.Context, operator, app string) (l Listed, err error) {
	all, err := r.inForce(ctx, operator, app, Douyin)
	if err != nil {
		return l, err
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout())
	defer cancel()
	err = withToken(ctx, Douyin, all, r.clientToken, func(_ opened, token string) error {
		l = Listed{}
		for page := 1; page <= listedPages; page++ {
			var a struct {
				ErrNo int64 `json:"err_no"`
				Data  struct {
					List []struct {
						ConfigID string `json:"config_id"`
						Name     string `json:"config_name"`
						State    string `json:"state"`
					} `json:"clue_component_list"`
					Total int  `json:"total"`
					Cert  bool `json:"cert_status"`
				} `json:"data"`
			}
			err := twice(func() error {
				return r.call(ctx, r.Hosts.filled().DouyinLegacy+"/api/apps/v1/capacity/query_clue_component_info", url.Values{
					"page_no": {strconv.Itoa(page)}, "page_size": {strconv.Itoa(listedPage)},
				}, map[string]string{"access-token": token}, nil, &a)
			})
			if err == nil {
				err = answered(Douyin, a.ErrNo, douyinCodes, douyinToken)
			}
			if err != nil {
				return err
			}
			l.Eligible = a.Data.Cert
			for _, c := range a.Data.List {
				l.Components = append(l.Components, Component(c))
			}
			if l.Whole = len(l.Components) >= a.Data.Total || len(a.Data.List) == 0; l.Whole {
				break
			}
		}
		return nil
	})
	return l, err
}
