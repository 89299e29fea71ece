package douyin

import (
	"net/url"
	"testing"

	"clew/words"
)

// No body makes a decoder fail in another way than by saying what is wrong, in both
// languages and without repeating what came.
func fuzz[T any, P parameters[T]](f *testing.F, seeds ...string) {
	for _, s := range append(seeds, "", "{}", "null", "[]", `{"a":{"a":{"a":1}}}`, "{\"a\":\"\xff\"}", `{"start_time":"9223372036854775808"}`) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, err := decode[T, P](raw)
		if err == nil {
			return
		}
		problems := fields(err)
		if len(problems) == 0 {
			t.Fatalf("refused without a reason: %v", err)
		}
		for _, p := range problems {
			if p.field == "" || !words.Has("wire.param."+p.code) {
				t.Errorf("a problem without field or words: %+v", p)
			}
		}
		if no, text, inner := refuse(err, common, words.EN); no != 28001007 || text == "" || inner {
			t.Errorf("code %d, %q", no, text)
		}
	})
}

func FuzzClientToken(f *testing.F) {
	fuzz[clientTokenBody](f, `{"client_key":"app_1","client_secret":"s","grant_type":"client_credential"}`)
}

func FuzzAppToken(f *testing.F) {
	fuzz[appTokenBody](f, `{"appid":"app_1","secret":"s","grant_type":"client_credential"}`)
}

func FuzzSession(f *testing.F) {
	fuzz[sessionBody](f, `{"appid":"app_1","secret":"s","code":"c","anonymous_code":""}`)
}

func FuzzPhone(f *testing.F) { fuzz[phoneBody](f, `{"code":"c","purpose":"lead"}`) }

func FuzzComponent(f *testing.F) {
	fuzz[componentBody](f, `{"config_id":"","config_name":"a","region":"110101","region_list":["110101"],"category_id":"8,9","pages":["pages/index/index"]}`)
}

func FuzzDelete(f *testing.F) { fuzz[deleteBody](f, `{"config_id":"x"}`) }

func FuzzApply(f *testing.F) {
	fuzz[applyBody](f, `{"capacity_key":"clue_component","apply_reason":"x","apply_info":{"a":["b"]}}`)
}

func FuzzPrivacy(f *testing.F) {
	fuzz[privacyBody](f, `{"is_privacy_config":true,"contact_way":1,"privacy_item_list":[{"id":"1","apply_desc":"x"}]}`)
}

func FuzzReport(f *testing.F) {
	fuzz[detailBody](f, `{"start_time":"1","end_time":2,"componentId_list":[],"page_no":"1","page_size":10,"is_query_video":true,"is_query_live":false}`)
}

func FuzzRange(f *testing.F) {
	fuzz[rangeBody](f, `{"start_time":"1","end_time":2,"componentId_list":null}`)
}

func FuzzPage(f *testing.F) {
	fuzz[pageBody](f, `{"start_time":"1","end_time":2,"page_no":"","page_size":null}`)
}

func FuzzClueQuery(f *testing.F) {
	f.Add("account_id=op_1&start_time=2026-01-01+00:00:00&end_time=2026-01-02+00:00:00&page=1&page_size=10")
	f.Add("page=9223372036854775807&page_size=9223372036854775807")
	f.Add("life_account_id=a,b&life_account_id=,,")
	f.Fuzz(func(t *testing.T, raw string) {
		q, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		c, problems := parseClueQuery(q)
		if problems == nil && (c.page < 1 || c.size < 1 || c.size > maxClues || c.page*c.size > maxDepthClues || !c.from.Before(c.to)) {
			t.Errorf("%+v", c)
		}
		for _, p := range problems {
			if !words.Has("wire.param." + p.code) {
				t.Errorf("%+v has no words", p)
			}
		}
	})
}

func FuzzCategories(f *testing.F) {
	f.Add("8,9,12")
	f.Add(",")
	f.Fuzz(func(t *testing.T, text string) {
		paths, problems := categoryPaths(text, nil)
		if (paths == nil) == (problems == nil) {
			t.Errorf("%v, %v", paths, problems)
		}
	})
}
