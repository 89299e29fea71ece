package douyin

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"

	"clew/access"
	"clew/app"
	"clew/component"
	"clew/db"
	"clew/handover"
	"clew/lead"
	"clew/phone"
)

const (
	// clueTime is how the call writes instants, in UTC+8.
	clueTime = "2006-01-02 15:04:05"
	// maxClues is the largest page, maxDepthClues how far pages reach, maxSpan the
	// longest range: as public clients of the call report them.
	maxClues      = 100
	maxDepthClues = 10_000
	maxSpan       = 366 * 24 * time.Hour
)

var china = time.FixedZone("UTC+8", 8*3600)

// form is how a caller wants telephone numbers.
type form string

// The forms of the parameter telephone_form, which is this program's own. Without it
// an app with the right to reveal gets plain ones, as the real call gives them, and
// every other gets masks.
const (
	masked form = "masked"
	plain  form = "plain"
	sealed form = "sealed"
)

type clueQuery struct {
	account    string
	accounts   []string
	from, to   time.Time
	page, size int64
	form       form
}

func parseClueQuery(q url.Values) (c clueQuery, problems []problem) {
	c.account, c.form = q.Get("account_id"), form(q.Get("telephone_form"))
	problems = missing("account_id", c.account, "start_time", q.Get("start_time"), "end_time", q.Get("end_time"))
	for _, text := range q["life_account_id"] {
		// SDKs join a list by commas.
		c.accounts = append(c.accounts, strings.FieldsFunc(text, func(r rune) bool { return r == ',' })...)
	}
	for _, t := range []struct {
		name string
		to   *time.Time
	}{{"start_time", &c.from}, {"end_time", &c.to}} {
		text := q.Get(t.name)
		if text == "" {
			continue
		}
		at, err := time.ParseInLocation(clueTime, text, china)
		if err != nil || at.Year() < 2000 || at.Year() > 2100 {
			problems = append(problems, problem{t.name, "time"})
			continue
		}
		*t.to = at
	}
	if problems == nil && (!c.from.Before(c.to) || c.to.Sub(c.from) > maxSpan) {
		problems = append(problems, problem{"end_time", "range"})
	}
	page, size := number(q, "page"), number(q, "page_size")
	problems = slices.Concat(problems, page.needed("page", 1, maxDepthClues), size.needed("page_size", 1, maxClues))
	c.page, c.size = page.N, size.N
	if problems == nil && c.page*c.size > maxDepthClues {
		problems = append(problems, problem{"page", "deep"})
	}
	if !slices.Contains([]form{"", masked, plain, sealed}, c.form) {
		problems = append(problems, problem{"telephone_form", "unknown"})
	}
	return c, problems
}

func (w *Wire) clues(a *ask) (any, error) {
	q, problems := parseClueQuery(a.query)
	if problems != nil {
		return nil, &badParams{problems}
	}
	if q.account != a.caller.Operator {
		return nil, bad("account_id", "unknown")
	}
	if q.form == "" {
		q.form = masked
		if a.caller.May(access.LeadReveal) {
			q.form = plain
		}
	}
	encrypt := func(string) (string, error) { return "", nil }
	if q.form == sealed {
		if err := w.read(a, func(tx *db.Tx) error {
			key, _, err := app.ActiveKey(a.ctx, tx, a.caller.Operator, a.caller.ID)
			encrypt = func(text string) (string, error) {
				cipher, err := handover.Encrypt(key, []byte(text))
				return base64.StdEncoding.EncodeToString(cipher), err
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	list, total := []object{}, 0
	// One account is all there is; asking for others finds nothing.
	if q.accounts == nil || slices.Contains(q.accounts, q.account) {
		page, n, err := w.Leads.OfApp(a.ctx, a.caller, lead.AppQuery{
			App: a.caller.ID, From: q.from, To: q.to, Page: int(q.page), Size: int(q.size), Reveal: q.form != masked,
		})
		if err != nil {
			return nil, err
		}
		total = n
		for _, l := range page {
			row, err := clue(l, q.form, encrypt)
			if err != nil {
				return nil, err
			}
			list = append(list, row)
		}
	}
	return object{"clue_data": list, "page": object{
		"page_number": q.page, "page_size": q.size, "page_total": (int64(total) + q.size - 1) / q.size, "total": total,
	}}, nil
}

// followed is how far the operator has come, as a number; the platform's are not
// public.
var followed = map[lead.State]int{lead.New: 0, lead.Connected: 1, lead.Won: 2, lead.Invalid: 3}

// effective is what is known of a lead's worth: 0 nothing, 1 valid, 2 invalid.
var effective = map[lead.State]int{lead.Connected: 1, lead.Won: 1, lead.Invalid: 2}

// clue is a lead in the platform's words. Members that have no counterpart are there
// and empty, since programs read them.
func clue(l lead.AppLead, f form, encrypt func(string) (string, error)) (object, error) {
	answers := l.Masked
	if f == plain {
		answers = l.Answers
	}
	rest := map[string]string{}
	out := object{
		"clue_id": l.ID, "create_time_detail": l.Created.In(china).Format(clueTime), "modify_time": l.Created.In(china).Format(clueTime),
		"follow_state_name": followed[l.State], "effective_state": effective[l.State], "tool_id": l.Component, "remark": l.Reason,
		"name": "", "telephone": "", "enc_telephone": "",
	}
	for id, value := range answers {
		switch kind := l.Kinds[id]; {
		case kind == component.KindPhone && out["telephone"] == "":
			if n, err := phone.ParseE164(value); err == nil && f == plain {
				value = national(n)
			}
			out["telephone"] = value
			if f == sealed {
				cipher, err := encrypt(l.Answers[id])
				if err != nil {
					return nil, err
				}
				out["enc_telephone"] = cipher
			}
		case kind == component.KindName && out["name"] == "":
			out["name"] = value
		default:
			rest[id] = value
		}
	}
	dict, err := json.Marshal(rest)
	if err != nil {
		return nil, err
	}
	out["remark_dict"] = string(dict)
	for _, name := range textMembers {
		out[name] = ""
	}
	for _, name := range numberMembers {
		out[name] = 0
	}
	out["tags"], out["system_tags"] = []string{}, []string{}
	out["root_life_account_id"], out["follow_life_account_id"] = l.Operator, l.Operator
	if l.Verified {
		out["system_tags"] = []string{"verified"}
	}
	return out, nil
}

// national is a number as it is dialled at home; with its country code elsewhere.
func national(n phone.Number) string {
	if strings.HasPrefix(n.E164(), "+86") {
		return n.National()
	}
	return n.E164()
}

var (
	textMembers = []string{
		"tel_addr", "address", "province_name", "city_name", "county_name", "auto_province_name", "auto_city_name", "clue_owner_name",
		"content_id", "video_id", "image_id", "title_id", "author_douyin_id", "author_nickname", "author_role", "staff_douyin_id", "staff_nickname",
		"advertiser_id", "advertiser_name", "promotion_id", "promotion_name", "ad_id", "req_id", "product_id", "product_name", "order_id",
		"source_craftsman_douyin_id", "source_craftsman_nickname", "follow_life_account_name", "follow_poi_id", "intention_poi_id",
		"intention_life_account_name",
	}
	numberMembers = []string{
		"gender", "age", "allocation_status", "is_private_clue", "clue_type", "flow_type", "flow_entrance", "action_type", "leads_page",
		"follow_life_account_type",
	}
)
