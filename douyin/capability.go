package douyin

import (
	"clew/app"
	"clew/capability"
	"clew/db"
	"clew/words"
)

// capacityKey names the one capability that there is here.
const capacityKey = "clue_component"

// The status of a capability. The platform's own numbers are not public.
const (
	statusNone = iota
	statusApplied
	statusGranted
	statusRefused
	statusSuspended
	statusWithdrawn
)

var statuses = map[capability.State]int{
	capability.None: statusNone, capability.Applied: statusApplied, capability.Granted: statusGranted,
	capability.Suspended: statusSuspended, capability.Withdrawn: statusWithdrawn,
}

// standing is where the app's capability stands, with the reason of the last decision.
func (w *Wire) standing(a *ask, tx *db.Tx) (status int, reason string, err error) {
	now, err := capability.Get(a.ctx, tx, a.caller.Operator, a.caller.ID)
	if err != nil {
		return 0, "", err
	}
	if now.State != capability.None {
		return statuses[now.State], now.Reason, nil
	}
	events, err := capability.Events(a.ctx, tx, a.caller.Operator, a.caller.ID)
	if err == nil && len(events) > 0 && events[0].From == capability.Applied {
		return statusRefused, events[0].Reason, nil
	}
	return statusNone, "", err
}

func (w *Wire) capacities(a *ask) (any, error) {
	if err := w.mayRead(a); err != nil {
		return nil, err
	}
	var one object
	err := w.read(a, func(tx *db.Tx) error {
		status, _, err := w.standing(a, tx)
		if err != nil {
			return err
		}
		lists, err := capability.Conditions(a.ctx, tx, a.caller.Operator, a.caller.ID)
		if err != nil {
			return err
		}
		may := status == statusNone || status == statusRefused || status == statusWithdrawn
		conditions, met := [][]object{}, false
		for _, list := range lists {
			shown, all := []object{}, true
			for _, c := range list {
				all = all && c.Satisfied
				text := words.T(a.lang, "condition."+c.ID+".text", c.Args...)
				if !c.Satisfied {
					text += " " + words.T(a.lang, "condition."+c.ID+".meet", c.Args...)
				}
				shown = append(shown, object{
					"condition_name":        words.T(a.lang, "condition."+c.ID+".name", c.Args...),
					"condition_description": text, "satisfied": c.Satisfied,
				})
			}
			met = met || all
			conditions = append(conditions, shown)
		}
		one = object{
			"capacity_key": capacityKey, "capacity_name": words.T(a.lang, "wire.capacity.name"),
			"description": words.T(a.lang, "wire.capacity.text"), "status": status, "is_can_apply": may && met,
			"is_lab": 0, "lab_description": "", "is_auth_permission": w.held(a, tx) == nil, "host_app": "", "permission_list": []int{},
			"apply_condition": conditions,
			"apply_field_list": []object{{
				"apply_field_key": "apply_reason", "apply_field_name": words.T(a.lang, "wire.capacity.reason.name"),
				"apply_field_desc":        words.T(a.lang, "wire.capacity.reason.text"),
				"apply_field_is_required": false, "apply_field_value_type": 1,
			}},
		}
		return nil
	})
	return object{"app_capacity_info_list": []object{one}}, err
}

type applyBody struct {
	CapacityKey string              `json:"capacity_key"`
	ApplyReason string              `json:"apply_reason"`
	ApplyInfo   map[string][]string `json:"apply_info"` // no field of it is asked for
}

func (b *applyBody) check() []problem { return checkCapacity(b.CapacityKey) }

func checkCapacity(key string) []problem {
	if key == "" {
		return []problem{{"capacity_key", "missing"}}
	}
	if key != capacityKey {
		return []problem{{"capacity_key", "unknown"}}
	}
	return nil
}

func (w *Wire) applyCapacity(a *ask) (any, error) {
	b, err := decode[applyBody](a.body)
	if err != nil {
		return nil, err
	}
	return nil, w.Capability.Apply(a.ctx, a.caller, a.caller.ID, b.ApplyReason)
}

func (w *Wire) applyStatus(a *ask) (any, error) {
	if problems := checkCapacity(a.query.Get("capacity_key")); problems != nil {
		return nil, &badParams{problems}
	}
	if err := w.mayRead(a); err != nil {
		return nil, err
	}
	var data object
	err := w.read(a, func(tx *db.Tx) error {
		status, reason, err := w.standing(a, tx)
		data = object{"status": status, "reason": reason}
		return err
	})
	return data, err
}

type privacyBody struct {
	Configured *bool  `json:"is_privacy_config"`
	ContactWay whole  `json:"contact_way"`
	Email      string `json:"email"`
	Phone      string `json:"phone"`
	LandLine   string `json:"land_line"`
	Items      []struct {
		ID   whole  `json:"id"`
		Desc string `json:"apply_desc"`
	} `json:"privacy_item_list"`
}

func (b *privacyBody) check() []problem {
	problems := b.ContactWay.within("contact_way", 0, 1<<31)
	if b.Configured == nil {
		problems = append(problems, problem{"is_privacy_config", "missing"})
	}
	for _, i := range b.Items {
		problems = append(problems, i.ID.needed("privacy_item_list.id", 0, 1<<31)...)
	}
	return problems
}

func (w *Wire) setPrivacy(a *ask) (any, error) {
	b, err := decode[privacyBody](a.body)
	if err != nil {
		return nil, err
	}
	p := app.Privacy{Configured: *b.Configured, ContactWay: int(b.ContactWay.N), Email: b.Email, Phone: b.Phone, LandLine: b.LandLine}
	for _, i := range b.Items {
		p.Items = append(p.Items, app.PrivacyItem{ID: int(i.ID.N), Desc: i.Desc})
	}
	return nil, w.Apps.SetPrivacy(a.ctx, a.caller, a.caller.ID, p)
}

func (w *Wire) privacy(a *ask) (any, error) {
	if err := w.mayRead(a); err != nil {
		return nil, err
	}
	var data object
	err := w.read(a, func(tx *db.Tx) error {
		p, err := app.GetPrivacy(a.ctx, tx, a.caller.Operator, a.caller.ID)
		data = object{"is_configure": p.Configured}
		return err
	})
	return data, err
}

func (w *Wire) creditScore(a *ask) (any, error) {
	if err := w.mayRead(a); err != nil {
		return nil, err
	}
	var data object
	err := w.read(a, func(tx *db.Tx) error {
		score, err := capability.Credit(a.ctx, tx, a.caller.Operator, a.caller.ID)
		data = object{"credit_score": score}
		return err
	})
	return data, err
}
