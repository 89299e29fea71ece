package web_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"clew/app"
	"clew/capability"
	"clew/component"
	"clew/web"
	"clew/words"
)

// Whatever the platform's rooms refuse a part of a request for has words of its own.
func TestEveryPartThatIsRefusedHasWords(t *testing.T) {
	var all []error
	for _, code := range strings.Fields("empty large private certificate several malformed not_rsa short long weak same") {
		all = append(all, &app.BadKey{Code: code, Bits: 1024})
	}
	for i, code := range strings.Fields("many empty large kind name twice") {
		all = append(all, &app.BadPapers{Problems: []app.PaperProblem{{Index: i - 1, Code: code}}})
	}
	for _, code := range strings.Fields("range missing shape many id twice desc") {
		all = append(all, &app.BadPrivacy{Problems: []app.PrivacyProblem{{Field: "items.0", Code: code}}})
	}
	for _, code := range strings.Fields("category basis past far") {
		all = append(all, &capability.BadRule{Code: code})
	}
	for field, codes := range map[string]string{
		"name": "missing long characters", "regions": "missing many malformed unknown province city without_districts",
		"categories": "missing many not_approved", "pages": "many path", "component": "unknown other_app", "app": "many",
	} {
		value := map[string]string{"regions": "440100", "categories": "一 > 二 > 三", "pages": "a?b"}[field]
		for _, code := range strings.Fields(codes) {
			all = append(all, &component.BadTarget{Problems: []component.TargetProblem{{Field: field, Code: code, Value: value}}})
		}
	}
	conditions := []string{capability.CategoryOnline, capability.MainCategoryOnline, capability.PrivacyDeclared, capability.CreditScore}
	for _, id := range conditions {
		args := []any{"score", 80, "least", capability.MinCredit}
		all = append(all, &capability.Unmet{Conditions: []capability.Condition{{ID: id, Args: args}}})
		for _, lang := range words.Langs() {
			for _, part := range []string{"name", "text", "meet"} {
				if text := words.T(lang, "condition."+id+"."+part, args...); strings.ContainsAny(text, "[{") {
					t.Errorf("%s %s: %s", id, part, text)
				}
			}
		}
	}
	said := map[string]bool{}
	for _, err := range all {
		for _, lang := range words.Langs() {
			p := web.ProblemFor(fmt.Errorf("somewhere: %w", err), lang)
			text, _ := json.Marshal(p)
			if len(p.Errors) != 1 || unfilled.Match(text) || strings.HasPrefix(p.Errors[0].Message, "[") || p.Code == "internal" {
				t.Errorf("%v: %s", err, text)
				continue
			}
			said[p.Errors[0].Message] = true
		}
	}
	if len(said) != 2*len(all) {
		t.Errorf("%d sentences for %d refusals in two languages", len(said), len(all))
	}
	for _, item := range []int{app.ItemPhone, app.ItemName, app.ItemRegion, app.ItemEmail, app.ItemOther} {
		if !words.Has(fmt.Sprint("privacy.item.", item)) {
			t.Errorf("item %d has no name", item)
		}
	}
}

// A code of a city is answered with the districts that may be meant.
func TestACityIsAnsweredWithItsDistricts(t *testing.T) {
	p := web.ProblemFor(&component.BadTarget{Problems: []component.TargetProblem{{Field: "regions", Code: "city", Value: "440100"}}}, words.ZH)
	if m := p.Errors[0].Message; !strings.Contains(m, "广东省广州市") || !strings.Contains(m, "440103 荔湾区、440104 越秀区") {
		t.Error(m)
	}
	if !slices.ContainsFunc(p.Errors, func(e web.FieldError) bool { return e.Field == "regions" && e.Code == "city" }) {
		t.Errorf("%+v", p.Errors)
	}
}
