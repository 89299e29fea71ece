package douyin

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"clew/access"
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/lead/leadtest"
)

const (
	applyPath  = "/api/apps/v1/capacity/apply_capacity/"
	statusPath = "/api/apps/v1/capacity/query_apply_status/?capacity_key=clue_component"
)

func TestTheCapabilityFromNoneToWithdrawn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		// An app that has nothing yet, with its own token.
		ctx := t.Context()
		var fresh, secret string
		w.Write(func(tx *db.Tx) error {
			a, s, err := w.Apps.Create(ctx, tx, w.Owner.Operator, "新应用", nil)
			fresh, secret = a.ID, s
			return err
		})
		w.App, w.token = fresh, w.newToken(fresh, secret)
		one := func(path string) any {
			return w.ask("GET", capacityList, nil).ok().at("data.app_capacity_info_list.0." + path)
		}
		status := func(want int, reason string) {
			t.Helper()
			a := w.ask("GET", statusPath, nil).ok()
			if a.at("data.status") != float64(want) || a.at("data.reason") != reason || one("status") != float64(want) {
				t.Errorf("%s, want %d %s", a.raw, want, reason)
			}
		}
		list := w.ask("GET", capacityList, nil).ok()
		if list.at("data.app_capacity_info_list.0.capacity_key") != "clue_component" || list.at("data.app_capacity_info_list.1") != nil ||
			one("capacity_name") != "线索组件" || one("is_can_apply") != false || one("is_auth_permission") != false || one("is_lab") != 0.0 {
			t.Errorf("%s", list.raw)
		}
		for i, satisfied := range []bool{false, false, true} {
			at := fmt.Sprintf("apply_condition.0.%d.", i)
			if one(at+"satisfied") != satisfied || one(at+"condition_name") == "" || one(at+"condition_description") == "" ||
				strings.Contains(one(at+"condition_description").(string), "[") {
				t.Errorf("condition %d: %s", i, list.raw)
			}
		}
		status(statusNone, "")
		w.ask("POST", applyPath, object{"capacity_key": "clue_component", "apply_reason": "法律咨询"}).is(28001018, "类目", "隐私")
		w.ask("POST", applyPath, object{"capacity_key": "phone"}).is(28001007, "capacity_key")
		w.ask("POST", applyPath, object{}).is(28001007, "capacity_key")
		w.ask("GET", "/api/apps/v1/capacity/query_apply_status/?capacity_key=phone", nil).is(28001007, "capacity_key")
		w.ask("POST", createPath, object{"config_name": "a", "region": district(0), "category_id": "1"}).is(28001018)

		w.Write(func(tx *db.Tx) error {
			for _, s := range []app.CategoryState{app.Applied, app.Approved, app.Online} {
				if err := w.Apps.MoveCategory(ctx, tx, w.Owner.Operator, fresh, leadtest.Category, s); err != nil {
					return err
				}
			}
			return nil
		})
		w.ask("POST", "/api/apps/v1/privacy_setting/add/", object{
			"is_privacy_config": true, "contact_way": 1, "email": "privacy@qingzhou.example",
			"privacy_item_list": []object{{"id": "1", "apply_desc": "回电联系用户"}},
		}).ok()
		if one("is_can_apply") != true {
			t.Error("everything is there, and it cannot be applied for")
		}
		w.ask("POST", applyPath, object{"capacity_key": "clue_component", "apply_reason": strings.Repeat("长", 501)}).is(28001007, "apply_reason")
		if a := w.ask("POST", applyPath, object{"capacity_key": "clue_component", "apply_reason": "法律咨询", "apply_info": object{"x": []string{"y"}}}).ok(); a.at("data") != nil {
			t.Errorf("%s", a.raw)
		}
		status(statusApplied, "法律咨询")
		if one("is_can_apply") != false {
			t.Error("it can be applied for twice")
		}
		w.ask("POST", applyPath, object{"capacity_key": "clue_component"}).is(28001007, "审核中")
		decide := func(to capability.State, reason string) {
			t.Helper()
			w.Write(func(tx *db.Tx) error {
				return w.Capability.Move(context.Background(), tx, access.System("", "test"), w.Owner.Operator, fresh, to, reason, "")
			})
		}
		decide(capability.None, "材料不全，请补充")
		status(statusRefused, "材料不全，请补充")
		w.ask("POST", applyPath, object{"capacity_key": "clue_component"}).ok()
		decide(capability.Granted, "")
		status(statusGranted, "")
		if one("is_auth_permission") != true {
			t.Error("granted, and no permission")
		}
		w.ask("POST", applyPath, object{"capacity_key": "clue_component"}).is(28001007, "已经开通")
		decide(capability.Suspended, "核查中发现问题")
		status(statusSuspended, "核查中发现问题")
		decide(capability.Withdrawn, "整改没有完成")
		status(statusWithdrawn, "整改没有完成")
		if one("is_can_apply") != true {
			t.Error("withdrawn, and it cannot be applied for again")
		}
	})
}

func TestPrivacyAndCredit(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const add, ask = "/api/apps/v1/privacy_setting/add/", "/api/apps/v1/privacy_setting/query/"
		configured := func(want bool) {
			t.Helper()
			for _, body := range []any{nil, object{}, "{}"} {
				if a := w.ask("POST", ask, body).ok(); a.at("data.is_configure") != want {
					t.Errorf("%s", a.raw)
				}
			}
		}
		configured(false)
		good := object{
			"is_privacy_config": true, "contact_way": "1", "email": "privacy@qingzhou.example", "phone": "", "land_line": "",
			"privacy_item_list": []object{{"id": 1, "apply_desc": "回电联系用户"}, {"id": "2", "apply_desc": "称呼用户"}},
		}
		w.ask("POST", add, good).ok()
		configured(true)
		var p app.Privacy
		w.must(w.DB.Read(t.Context(), func(tx *db.Tx) (err error) {
			p, err = app.GetPrivacy(t.Context(), tx, w.Owner.Operator, w.App)
			return err
		}))
		if len(p.Items) != 2 || p.Items[1] != (app.PrivacyItem{ID: 2, Desc: "称呼用户"}) || p.ContactWay != 1 {
			t.Errorf("%+v", p)
		}
		for name, c := range map[string]struct {
			value any
			says  string
		}{
			"is_privacy_config": {nil, "is_privacy_config"}, "contact_way": {"x", "contact_way"}, "email": {"nobody", "email"},
			"privacy_item_list": {[]object{{"apply_desc": "回电"}}, "privacy_item_list"},
		} {
			body := object{}
			for k, v := range good {
				body[k] = v
			}
			body[name] = c.value
			w.ask("POST", add, body).is(28001007, c.says)
		}
		configured(true)

		const credit = "/api/apps/v2/credit_score/get_credit_score/"
		if a := w.ask("GET", credit, nil).ok(); a.at("data.credit_score") != 100.0 {
			t.Errorf("%s", a.raw)
		}
		w.Write(func(tx *db.Tx) error {
			_, err := capability.Deduct(t.Context(), tx, access.System("", "test"), w.Owner.Operator, w.App, capability.CreditEntry{Points: 12, Reason: "抽查发现问题"})
			return err
		})
		if a := w.ask("GET", credit, nil).ok(); a.at("data.credit_score") != 88.0 {
			t.Errorf("%s", a.raw)
		}
	})
}
