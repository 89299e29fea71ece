package console

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clew/access"
	"clew/browsertest"
	"clew/funnel"
)

// furnishFunnel puts a few days of events into the world, fewer at each step.
func (w *world) furnishFunnel() {
	w.t.Helper()
	var events []funnel.Event
	now := w.c.DB.Now()
	for i := range 600 {
		at := now.Add(-time.Duration(i*7) * time.Minute)
		e := funnel.Event{
			App: w.app, Component: w.component, Scene: []string{"live", "video", "search", "other"}[i%7%4], At: at,
			Visitor: fmt.Sprint("visitor ", i%170), Region: "330106",
		}
		switch e.Scene {
		case "live":
			e.Room = fmt.Sprint("74129003", i%3)
		case "video":
			e.Video = fmt.Sprint("75310042", i%5)
		}
		for k, kind := range []funnel.Kind{
			funnel.View, funnel.AnchorShow, funnel.AnchorTap, funnel.AppOpen, funnel.Show, funnel.Click, funnel.Open, funnel.Consent, funnel.Refuse,
		} {
			if i%(k+1) != 0 {
				continue
			}
			e.Kind, e.ID = kind, fmt.Sprintf("event-%d-%d", i, k)
			events = append(events, e)
		}
	}
	for len(events) > 0 {
		n := min(len(events), funnel.MaxEvents)
		_, err := w.c.Funnel.Take(w.t.Context(), w.operator, events[:n])
		w.must(err)
		events = events[n:]
	}
	_, err := w.c.Funnel.Fold(w.t.Context())
	w.must(err)
}

// ok is a page that must be there.
func ok(w *world, v *visitor, path string) string {
	w.t.Helper()
	status, body := v.get(path)
	if status != 200 {
		w.t.Fatalf("%s: %d", path, status)
	}
	return body
}

// The page shows the same numbers as the room, by each filter, without script; the
// fragment that the script asks for is the same again.
func TestFunnelPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.furnish()
		w.furnishFunnel()
		owner := w.as(access.RoleAnalyst)
		page := ok(w, owner, "/console/funnel")
		for _, want := range []string{"组件曝光", "有效线索", "直播间", "741290030", `class="uv"`, `data-trend=`} {
			if !strings.Contains(page, want) {
				w.t.Errorf("the page lacks %q", want)
			}
		}
		narrowed := ok(w, owner, "/console/funnel?source=search&component="+w.component)
		if !strings.Contains(narrowed, `value="search" selected`) {
			w.t.Error("the filter is not shown")
		}
		for _, bad := range []string{"from=yesterday", "from=2026-01-01&to=2025-01-01", "source=moon", "component=" + strings.Repeat("x", 99)} {
			ok(w, owner, "/console/funnel?"+bad)
		}
		var fresh struct {
			Parts map[string]string
			Trend struct {
				At     []int64
				Series []struct{ Values []int64 }
			}
		}
		if err := json.Unmarshal([]byte(ok(w, owner, "/console/funnel/fresh?source=live")), &fresh); err != nil {
			w.t.Fatal(err)
		}
		if len(fresh.Trend.At) != 7 || len(fresh.Trend.Series) != 5 || !strings.Contains(fresh.Parts["steps"], "组件曝光") {
			w.t.Errorf("the fragment is %+v", fresh)
		}
	})
}

func TestPolicyPage(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		owner := w.as(access.RoleOwner)
		ok(w, owner, "/console/funnel/policy")
		form := url.Values{"outcome": {"won"}, "void": {"INVALID_NUMBER"}, "window": {"14"}, "reason": {"只认成交"}}
		if status, _ := owner.post("/console/funnel/policy", form); status != 303 && status != 200 {
			w.t.Errorf("saving a rule: %d", status)
		}
		if page := ok(w, owner, "/console/funnel/policy"); !strings.Contains(page, "14 天内") || !strings.Contains(page, "只认成交") {
			w.t.Error("the new rule is not shown")
		}
		form.Set("window", "400")
		if status, page := owner.post("/console/funnel/policy", form); status != 422 || !strings.Contains(page, "1 至 180") || !strings.Contains(page, "只认成交") {
			w.t.Error("what is wrong is not said, or what was typed is gone")
		}
		form.Set("window", "7")
		if status, _ := w.as(access.RoleAnalyst).post("/console/funnel/policy", form); status != 403 {
			w.t.Errorf("an analyst's rule: %d", status)
		}
		if n := w.audited(access.FunnelPolicyEdit, "", access.OutcomeDone); n != 1 {
			w.t.Errorf("%d changes are on the record", n)
		}
	})
}

// In a browser the chart is drawn, on a laptop and a phone, light and dark; nothing is
// wider than the screen.
func TestFunnelIsDrawn(t *testing.T) {
	w := sqlite(t)
	w.furnish()
	w.furnishFunnel()
	for name, look := range map[string]struct {
		lang, scheme string
		screen       browsertest.Screen
	}{
		"desktop": {"zh", "light", desktop}, "dark": {"en", "dark", desktop}, "phone": {"zh", "light", browsertest.Phone},
	} {
		t.Run(name, func(t *testing.T) {
			p := browsertest.Start(t).Page(t, look.screen)
			p.Media("prefers-color-scheme", look.scheme, "prefers-reduced-motion", "reduce")
			w.enter(p, access.RoleOwner)
			p.Goto(w.url + "/console/?lang=" + look.lang)
			for path, part := range map[string]string{"/console/funnel": "funnel", "/console/funnel/policy": "policy"} {
				p.Goto(w.url + path)
				if part == "funnel" {
					p.Until("the chart", func() bool { return p.Count(".trend canvas") == 1 })
				}
				if wide := browsertest.Eval[int](p, "document.documentElement.scrollWidth - innerWidth"); wide > 0 {
					t.Errorf("%s is %d pixels too wide", path, wide)
				}
				p.Axe("../../widget/node_modules/axe-core/axe.min.js", part)
				if dir := os.Getenv("CLEW_SCREENSHOTS"); dir != "" {
					p.FullScreenshot(filepath.Join(dir, part+"-"+name+".png"))
				}
			}
			p.Quiet()
		})
	}
}
