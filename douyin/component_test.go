package douyin

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/db"
	"clew/lead/leadtest"
	"clew/norm"
	"clew/region"
)

const (
	createPath = "/api/apps/v1/capacity/create_clue_component_info"
	queryPath  = "/api/apps/v1/capacity/query_clue_component_info"
	updatePath = "/api/apps/v1/capacity/update_clue_component_info"
	deletePath = "/api/apps/v1/capacity/delete_clue_component_info"
)

func id(path string) string { return strconv.FormatInt(categoryID(path), 10) }

func TestComponentsFromCreateToDelete(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one := w.ask("POST", createPath, object{"config_name": "免费咨询", "region": district(0), "category_id": id(leadtest.Category)}).ok().text("data.config_id")
		if !component.ConfigShape.MatchString(one) {
			t.Errorf("config_id is %q", one)
		}
		w.Clock.Advance(1e9)
		two := w.ask("POST", createPath, object{
			"config_name": "两个区", "region_list": []string{district(0), district(1)}, "category_id": " " + id(leadtest.Category) + " ",
			"pages": []string{"pages/index/index"}, "component_id": w.Version.Component,
		}).ok().text("data.config_id")
		list := w.ask("GET", queryPath, nil).ok()
		if list.at("data.total") != 2.0 || list.at("data.cert_status") != true || list.at("data.clue_component_list.0.config_id") != two {
			t.Fatalf("%s", list.raw)
		}
		d, _ := region.District(district(0))
		for path, want := range map[string]any{
			"1.config_id": one, "1.config_name": "免费咨询", "1.region": d.Code, "1.region_name": d.District, "1.category_id": id(leadtest.Category),
			"1.category_name": "商业服务-商业服务-法律服务", "1.state": "0", "1.region_list.0.region": d.Code, "1.region_list.0.province_code": d.ProvinceCode,
			"1.region_list.0.province_name": d.Province, "1.region_list.0.city_code": d.CityCode, "1.region_list.0.city_name": d.City,
			"1.region_list.0.district_code": d.Code, "1.region_list.0.district_name": d.District, "1.region_list.1": nil,
			"0.region": "", "0.region_name": "", "0.region_list.1.district_code": district(1), "0.component_id": w.Version.Component,
			"0.pages.0": "pages/index/index", "1.pages.0": nil,
		} {
			if got := list.at("data.clue_component_list." + path); got != want {
				t.Errorf("%s is %v, want %v", path, got, want)
			}
		}

		// Paging, from 1, in pages of at most 20.
		page := w.ask("GET", queryPath+"?page_no=2&page_size=1", nil).ok()
		if page.at("data.clue_component_list.0.config_id") != one || page.at("data.clue_component_list.1") != nil || page.at("data.total") != 2.0 {
			t.Errorf("%s", page.raw)
		}
		for q, says := range map[string]string{
			"page_no=0": "page_no", "page_no=-1": "page_no", "page_size=0": "page_size", "page_size=21": "page_size", "page_size=x": "page_size", "page_no=1.5": "page_no",
			"page_no=99999999999999999999": "page_no",
		} {
			w.ask("GET", queryPath+"?"+q, nil).is(28001007, says)
		}
		w.ask("GET", queryPath+"?page_no=&page_size=20", nil).ok()

		// A real report activates it; a category that lapses makes it invalid.
		w.Accept("key-00000001", 1)
		states := func() (out string) {
			a := w.ask("GET", queryPath, nil).ok()
			for i := range 2 {
				out += a.text("data.clue_component_list." + strconv.Itoa(i) + ".state")
			}
			return out
		}
		if got := states(); got != "10" {
			t.Errorf("states after a report: %s", got)
		}
		w.move(capability.Suspended)
		if got := states(); got != "22" {
			t.Errorf("states without capability: %s", got)
		}
		if a := w.ask("GET", queryPath, nil).ok(); a.at("data.cert_status") != false {
			t.Errorf("%s", a.raw)
		}
		w.move(capability.Granted)

		update := object{"config_id": two, "config_name": "改名", "region": district(2), "category_id": id(leadtest.Category)}
		if a := w.ask("POST", updatePath, update).ok(); a.at("data") != nil {
			t.Errorf("%s", a.raw)
		}
		list = w.ask("GET", queryPath, nil).ok()
		if list.at("data.clue_component_list.0.config_name") != "改名" || list.at("data.clue_component_list.0.region") != district(2) ||
			list.at("data.clue_component_list.0.pages.0") != "pages/index/index" || list.at("data.clue_component_list.0.component_id") != w.Version.Component {
			t.Errorf("updated %s", list.raw)
		}
		update["pages"] = []string{}
		w.ask("POST", updatePath, update).ok()
		if a := w.ask("GET", queryPath, nil).ok(); a.at("data.clue_component_list.0.pages.0") != nil {
			t.Errorf("updated %s", a.raw)
		}

		// The body says which, or the query, or both the same.
		w.ask("DELETE", deletePath+"?config_id="+one, object{"config_id": two}).is(28001007, "config_id")
		w.ask("DELETE", deletePath, nil).is(28001007, "config_id")
		w.ask("DELETE", deletePath, object{}).is(28001007, "config_id")
		w.ask("DELETE", deletePath, "config_id="+one).is(28001007)
		w.ask("DELETE", deletePath, object{"config_id": one}).ok()
		w.ask("DELETE", deletePath, object{"config_id": one}).is(28001007, "config_id", "不存在")
		w.ask("DELETE", deletePath+"?config_id="+two, nil).ok()
		if a := w.ask("GET", queryPath, nil).ok(); a.at("data.total") != 0.0 || a.at("data.clue_component_list.0") != nil {
			t.Errorf("%s", a.raw)
		}
		three := w.place(w.Owner, w.App, "")
		w.ask("DELETE", deletePath+"?config_id="+three, object{"config_id": three}).ok()
	})
}

func TestBadComponentsAreRefusedByField(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := func() object {
			return object{"config_name": "免费咨询", "region": district(0), "category_id": id(leadtest.Category)}
		}
		d, _ := region.District(district(0))
		mine := w.place(w.Owner, w.App, "")
		before := w.ask("GET", queryPath, nil).ok().at("data.total")
		for what, c := range map[string]struct {
			change func(object)
			says   string
		}{
			"no name":               {func(o object) { delete(o, "config_name") }, "config_name"},
			"21 characters":         {func(o object) { o["config_name"] = strings.Repeat("长", 21) }, "config_name"},
			"a name that is hidden": {func(o object) { o["config_name"] = "a\u200b" }, "config_name"},
			"no region":             {func(o object) { delete(o, "region") }, "region_list"},
			"a province":            {func(o object) { o["region"] = d.ProvinceCode }, "省级"},
			"a city":                {func(o object) { o["region_list"] = []string{"440100"} }, "市级"},
			"no such district":      {func(o object) { o["region"] = "999999" }, "region_list"},
			"no code":               {func(o object) { o["region"] = "东城区" }, "region_list"},
			"no category":           {func(o object) { o["category_id"] = "" }, "category_id"},
			"an unknown category":   {func(o object) { o["category_id"] = "77777" }, "category_id"},
			"a name of a category":  {func(o object) { o["category_id"] = leadtest.Category }, "category_id"},
			"a category not approved": {func(o object) {
				o["category_id"] = id(leadtest.Category) + "," + id("商业服务 > 商业服务 > 广告/设计")
			}, "尚未通过审核"},
			"another's component": {func(o object) { o["component_id"] = "cmp_none" }, "component"},
			"a page that is none": {func(o object) { o["pages"] = []string{"https://x.example"} }, "pages"},
		} {
			body := good()
			c.change(body)
			w.ask("POST", createPath, body).is(28001007, c.says)
			body["config_id"] = mine
			w.ask("POST", updatePath, body).is(28001007, c.says)
			_ = what
		}
		body := good()
		w.ask("POST", updatePath, body).is(28001007, "config_id")
		body["config_id"] = strings.Repeat("0", 32)
		w.ask("POST", updatePath, body).is(28001007, "config_id")
		if after := w.ask("GET", queryPath, nil).ok().at("data.total"); after != before {
			t.Errorf("%v components, before %v", after, before)
		}
		// Exactly twenty are fine.
		body = good()
		body["config_name"] = strings.Repeat("长", 20)
		w.ask("POST", createPath, body).ok()

		for to, want := range map[capability.State]int{capability.Suspended: 28001019, capability.Withdrawn: 28001019} {
			w.move(to)
			if a := w.ask("POST", createPath, good()).is(want, "核查中发现问题"); a.at("data") != nil {
				t.Errorf("%s", a.raw)
			}
			if to == capability.Suspended {
				w.move(capability.Granted)
				continue
			}
			w.move(capability.Applied)
			w.ask("POST", createPath, good()).is(28001018)
			w.move(capability.Granted)
		}
		w.Write(func(tx *db.Tx) error {
			return w.Apps.MoveCategory(w.t.Context(), tx, w.Owner.Operator, w.App, leadtest.Category, app.Offline)
		})
		w.ask("POST", createPath, good()).is(28001018)
	})
}

func TestAnotherAppsComponentsAreUnknown(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		owner, other, token := w.other()
		theirs, mine := w.place(owner, other, ""), w.place(w.Owner, w.App, "")
		for _, c := range []struct{ as, id string }{{w.token, theirs}, {token, mine}} {
			w.ask("POST", updatePath, object{"config_id": c.id, "config_name": "a", "region": district(0), "category_id": id(leadtest.Category)}, as(c.as)).is(28001007, "config_id")
			w.ask("DELETE", deletePath, object{"config_id": c.id}, as(c.as)).is(28001007, "config_id")
			w.ask("DELETE", deletePath+"?config_id="+c.id, nil, as(c.as)).is(28001007, "config_id")
			for _, report := range []string{"overview", "source", "data"} {
				w.ask("POST", reports+"query_component_with_"+report+"/", object{"start_time": 1, "end_time": 3600, "componentId_list": []string{c.id}}, as(c.as)).
					is(28001007, "componentId_list")
			}
			w.ask("POST", createPath, object{"config_name": "a", "region": district(0), "category_id": id(leadtest.Category), "component_id": w.Version.Component}, as(token)).
				is(28001007, "component")
			list := w.ask("GET", queryPath, nil, as(c.as)).ok()
			if list.at("data.total") != 1.0 || list.at("data.clue_component_list.0.config_id") == c.id {
				t.Errorf("%s", list.raw)
			}
		}
	})
}

// Numbers of categories stand in operators' systems: they must never come to mean
// another one.
func TestCategoryNumbersStay(t *testing.T) {
	first, ok := norm.ByID("2026-01")
	if !ok || len(first.Categories) != 42 {
		t.Fatal("the first edition is not there, or not whole")
	}
	for i, c := range first.Categories {
		if got := categoryID(c.Path()); got != int64(i+1) {
			t.Errorf("%s has the number %d, want %d", c.Path(), got, i+1)
		}
	}
	// 16 and 30 are the rows of the table; the last is 100,000 and FNV-1a of the path.
	for path, want := range map[string]int64{
		first.Categories[15].Path(): 16, leadtest.Category: 30, "零售 > 食品 > 水果": 921797596,
	} {
		if got := categoryID(path); got != want {
			t.Errorf("%s has the number %d, want %d", path, got, want)
		}
	}
	seen := map[int64]string{}
	for _, e := range norm.All() {
		for _, c := range e.Categories {
			n := categoryID(c.Path())
			if p, taken := seen[n]; taken && p != c.Path() || n < 1 || n >= otherCategories {
				t.Errorf("%s has %d, as %s", c.Path(), n, p)
			}
			seen[n] = c.Path()
		}
	}
}

func TestCategories(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const applied, refused, outside = "商业服务 > 商业服务 > 广告/设计", "商业服务 > 商业服务 > 翻译服务", "零售 > 食品 > 水果"
		w.Write(func(tx *db.Tx) error {
			for _, c := range []struct {
				path string
				to   []app.CategoryState
			}{{applied, []app.CategoryState{app.Applied}}, {refused, []app.CategoryState{app.Applied, app.Offline}}, {outside, []app.CategoryState{app.Applied, app.Approved}}} {
				for _, s := range c.to {
					if err := w.Apps.MoveCategory(w.t.Context(), tx, w.Owner.Operator, w.App, c.path, s); err != nil {
						return err
					}
				}
			}
			return nil
		})
		a := w.ask("GET", "/api/apps/v1/category/get_audit_categories/", nil).ok()
		got := map[string]string{}
		for i := 0; a.at(fmt.Sprintf("data.app_category_audit_info.%d", i)) != nil; i++ {
			at := func(name string) any { return a.at(fmt.Sprintf("data.app_category_audit_info.%d.%s", i, name)) }
			got[at("category").(string)] = fmt.Sprint(at("category_name"), at("category_audit_state"), at("category_state"))
		}
		want := map[string]string{
			id(leadtest.Category): "商业服务-商业服务-法律服务2online", id(applied): "商业服务-商业服务-广告/设计1applied",
			id(refused): "商业服务-商业服务-翻译服务3offline", id(outside): "零售-食品-水果2approved",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v\nwant %v", got, want)
		}
		if a.at("data.category_limit") != 42.0 || a.at("data.remaining_times") != 42.0 || a.at("data.category_change_limit") != 42.0 {
			t.Errorf("%s", a.raw)
		}
		// A category outside the table is known to the app that has it, and can be named
		// like the others.
		w.ask("POST", createPath, object{"config_name": "水果", "region": district(0), "category_id": id(leadtest.Category) + "," + id(outside)}).ok()
		_, _, token := w.other()
		w.ask("POST", createPath, object{"config_name": "水果", "region": district(0), "category_id": id(outside)}, as(token)).is(28001007, "category_id")
	})
}
