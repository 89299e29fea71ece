package douyin

import (
	"encoding/json"

	"clew/access"
	"clew/app"
	"clew/component"
	"clew/db"
	"clew/region"
)

// mayRead and mayCount ask for the app's right to see what is no personal data.
func (w *Wire) mayRead(a *ask) error {
	return w.Access.Check(a.ctx, a.caller, access.AppRead, access.Subject{Kind: "app", ID: a.caller.ID})
}

func (w *Wire) mayCount(a *ask) error {
	return w.Access.Check(a.ctx, a.caller, access.LeadCount, access.Subject{Kind: "app", ID: a.caller.ID})
}

// componentBody is the body of create and, with ConfigID, of update.
type componentBody struct {
	ConfigID   string   `json:"config_id"`
	Name       string   `json:"config_name"`
	Region     string   `json:"region"`
	RegionList []string `json:"region_list"`
	CategoryID string   `json:"category_id"`
	// Pages and ComponentID are this program's own: the pages that carry it, and the
	// component of ours that it places.
	Pages       []string `json:"pages"`
	ComponentID string   `json:"component_id"`
}

func (b *componentBody) check() []problem {
	problems := missing("config_name", b.Name, "category_id", b.CategoryID)
	if b.Region == "" && len(b.RegionList) == 0 {
		problems = append(problems, problem{"region_list", "missing"})
	}
	return problems
}

// regions are those of both spellings; rooms drop what is said twice.
func (b *componentBody) regions() []string {
	if b.Region == "" {
		return b.RegionList
	}
	return append([]string{b.Region}, b.RegionList...)
}

// placing is the target that a body asks for. The app must hold the capability: the
// platform gives no ids to apps that may not collect.
func (w *Wire) placing(a *ask, tx *db.Tx, b *componentBody) (component.Target, error) {
	if err := w.held(a, tx); err != nil {
		return component.Target{}, err
	}
	categories, err := app.Categories(a.ctx, tx, a.caller.Operator, a.caller.ID)
	if err != nil {
		return component.Target{}, err
	}
	paths, problems := categoryPaths(b.CategoryID, categories)
	if problems != nil {
		return component.Target{}, &badParams{problems}
	}
	return component.Target{
		App: a.caller.ID, Component: b.ComponentID, Name: b.Name, Regions: b.regions(), Categories: paths, Pages: b.Pages,
	}, nil
}

func (w *Wire) createComponent(a *ask) (any, error) {
	b, err := decode[componentBody](a.body)
	if err != nil {
		return nil, err
	}
	var t component.Target
	if err := w.read(a, func(tx *db.Tx) (err error) {
		t, err = w.placing(a, tx, &b)
		return err
	}); err != nil {
		return nil, err
	}
	t, err = w.Components.CreateTarget(a.ctx, a.caller, t)
	return object{"config_id": t.ConfigID}, err
}

func (w *Wire) updateComponent(a *ask) (any, error) {
	b, err := decode[componentBody](a.body)
	if err != nil {
		return nil, err
	}
	if b.ConfigID == "" {
		return nil, bad("config_id", "missing")
	}
	var t component.Target
	if err := w.read(a, func(tx *db.Tx) error {
		now, err := w.target(a, tx, b.ConfigID)
		if err != nil {
			return err
		}
		if t, err = w.placing(a, tx, &b); err != nil {
			return err
		}
		if b.Pages == nil {
			t.Pages = now.Pages // callers of the real platform know of none
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return nil, w.Components.UpdateTarget(a.ctx, a.caller, a.caller.ID, b.ConfigID, t)
}

type deleteBody struct {
	ConfigID string `json:"config_id"`
}

func (b *deleteBody) check() []problem { return nil }

// deleteComponent takes the id from the body, as documented, or from the query, as
// some clients send it; two that differ are refused.
func (w *Wire) deleteComponent(a *ask) (any, error) {
	id := a.query.Get("config_id")
	if len(a.body) > 0 {
		b, err := decode[deleteBody](a.body)
		if err != nil {
			return nil, err
		}
		if id != "" && b.ConfigID != "" && id != b.ConfigID {
			return nil, bad("config_id", "differs")
		}
		if b.ConfigID != "" {
			id = b.ConfigID
		}
	}
	if id == "" {
		return nil, bad("config_id", "missing")
	}
	if err := w.read(a, func(tx *db.Tx) error {
		_, err := w.target(a, tx, id)
		return err
	}); err != nil {
		return nil, err
	}
	return nil, w.Components.DeleteTarget(a.ctx, a.caller, a.caller.ID, id)
}

// maxComponents is the largest page of components.
const maxComponents = 20

// state is a component's validity as the platform counts it.
var state = map[component.Validity]string{component.NotActivated: "0", component.Activated: "1", component.Invalid: "2"}

func (w *Wire) queryComponents(a *ask) (any, error) {
	pageNo, pageSize := number(a.query, "page_no"), number(a.query, "page_size")
	if problems := append(pageNo.within("page_no", 1, 1_000_000), pageSize.within("page_size", 1, maxComponents)...); problems != nil {
		return nil, &badParams{problems}
	}
	if err := w.Access.Check(a.ctx, a.caller, access.ComponentRead, access.Subject{Kind: "target"}); err != nil {
		return nil, err
	}
	list, total, held := []object{}, 0, false
	err := w.read(a, func(tx *db.Tx) error {
		held = w.held(a, tx) == nil
		targets, n, err := component.Targets(a.ctx, tx, a.caller.Operator, a.caller.ID, int(pageNo.or(1)), int(pageSize.or(maxComponents)))
		if err != nil {
			return err
		}
		total = n
		validity, err := component.Validities(a.ctx, tx, a.caller.Operator, a.caller.ID, targets)
		if err != nil {
			return err
		}
		for _, t := range targets {
			list = append(list, shownTarget(t, validity[t.ConfigID]))
		}
		return nil
	})
	return object{"clue_component_list": list, "total": total, "cert_status": held}, err
}

func shownTarget(t component.Target, v component.Validity) object {
	regions := []object{}
	one := region.Division{}
	for _, code := range t.Regions {
		d, ok := region.District(code)
		if !ok {
			d.Code = code // the list has changed since
		}
		one = d
		regions = append(regions, object{
			"region": d.Code, "province_code": d.ProvinceCode, "province_name": d.Province, "city_code": d.CityCode, "city_name": d.City,
			"district_code": d.Code, "district_name": d.District,
		})
	}
	if len(t.Regions) != 1 {
		one = region.Division{} // region is of a component with a single one
	}
	ids, names := categoryTexts(t.Categories)
	return object{
		"config_id": t.ConfigID, "config_name": t.Name, "region": one.Code, "region_name": one.District, "region_list": regions,
		"category_id": ids, "category_name": names, "state": state[v], "component_id": t.Component, "pages": json.RawMessage(pages(t.Pages)),
	}
}

func pages(list []string) []byte {
	raw, err := json.Marshal(list)
	if err != nil || list == nil {
		return []byte("[]")
	}
	return raw
}
