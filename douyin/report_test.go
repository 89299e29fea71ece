package douyin

import (
	"fmt"
	"testing"
	"time"

	"clew/db"
	"clew/funnel"
)

func TestTheFourReports(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		config := w.place(w.Owner, w.App, w.Version.Component)
		bare, theirs, token := w.other()
		now := w.Clock.Now()
		n := 0
		take := func(operator, component string, kind funnel.Kind, at time.Time, visitor string, change func(*funnel.Event)) {
			t.Helper()
			n++
			e := funnel.Event{ID: fmt.Sprintf("event-%05d", n), Kind: kind, Component: component, At: at, Visitor: visitor}
			if change != nil {
				change(&e)
			}
			if _, err := w.Funnel.Take(ctx, operator, []funnel.Event{e}); err != nil {
				t.Fatal(err)
			}
		}
		video := func(e *funnel.Event) { e.Scene, e.Video = funnel.SceneVideo, "v7" }
		live := func(e *funnel.Event) { e.Scene, e.Room = funnel.SceneLive, "r9" }
		mine := w.Owner.Operator
		for _, visitor := range []string{"a", "a", "b"} {
			take(mine, w.Version.Component, funnel.View, now, visitor, video)
			take(mine, w.Version.Component, funnel.Show, now, visitor, video)
		}
		take(mine, w.Version.Component, funnel.Click, now, "a", video)
		take(mine, w.Version.Component, funnel.Show, now.Add(-time.Hour), "c", live)
		other := w.place(bare, theirs, "")
		var theirComponent string
		w.Write(func(tx *db.Tx) error {
			target, err := w.wire.target(&ask{ctx: ctx, caller: bareApp(bare.Operator, theirs)}, tx, other)
			theirComponent = target.Component
			return err
		})
		take(bare.Operator, theirComponent, funnel.Show, now, "a", nil)
		w.Accept("key-00000001", 1)
		if _, err := w.Funnel.Fold(ctx); err != nil {
			t.Fatal(err)
		}
		day := now.In(china)
		body := object{"start_time": now.Add(-2 * time.Hour).Unix(), "end_time": now.Add(time.Minute).Unix(), "componentId_list": []string{}}
		report := func(name string, body object) *answer {
			t.Helper()
			return w.ask("POST", reports+"query_component_with_"+name+"/", body).ok()
		}
		holds := func(a *answer, at string, want map[string]any) {
			t.Helper()
			for name, v := range want {
				if i, ok := v.(int); ok {
					v = float64(i)
				}
				if got := a.at(at + name); got != v {
					t.Errorf("%s: %s%s is %v, want %v", a.what, at, name, got, v)
				}
			}
		}
		all := map[string]any{
			"ComponentShowPv": 4, "ComponentShowUv": 3, "ComponentClickPv": 1, "ComponentClickUv": 1, "ComponentReportPv": 1, "ComponentReportUv": 1,
		}
		over := report("overview", body)
		holds(over, "data.ComponentOverviewData.", all)
		holds(over, "data.ComponentOverviewData.", map[string]any{"ClueCnt": 1, "ClueUcnt": 1, "ValidClueCnt": 0, "ValidClueUcnt": 0})
		holds(over, "data.ComponentDataInfoList.0.", map[string]any{"Date": day.Format("20060102"), "Hour": day.Add(-time.Hour).Format("15"), "ComponentShowPv": 1})
		holds(over, "data.ComponentDataInfoList.1.", map[string]any{"Hour": day.Format("15"), "ComponentShowPv": 3, "ClueCnt": 1})
		if over.at("data.ComponentDataInfoList.2") != nil {
			t.Errorf("%s", over.raw)
		}
		long := object{"start_time": fmt.Sprint(now.Add(-30 * 24 * time.Hour).Unix()), "end_time": fmt.Sprint(now.Unix() + 60)}
		holds(report("overview", long), "data.ComponentDataInfoList.0.", map[string]any{"Date": day.Format("20060102"), "Hour": "", "ComponentShowPv": 4})

		source := report("source", body)
		holds(source, "data.ScenesDataList.0.", map[string]any{"Scenes": "video", "ScenesName": "短视频", "Data.ComponentShowPv": 3, "Data.ComponentShowUv": 2})
		holds(source, "data.ScenesDataList.1.", map[string]any{"Scenes": "live", "ScenesName": "直播间", "Data.ComponentShowPv": 1})

		data := report("data", body)
		holds(data, "data.", map[string]any{"Total": 1, "DataList.0.ComponentId": config, "DataList.0.ComponentName": "免费咨询"})
		holds(data, "data.DataList.0.", all)
		body["componentId_list"] = []string{config}
		holds(report("data", body), "data.DataList.0.", all)
		body["page_no"], body["page_size"] = 2, 10
		if a := report("data", body); a.at("data.Total") != 1.0 || a.at("data.DataList.0") != nil {
			t.Errorf("%s", a.raw)
		}
		delete(body, "page_no")

		body["is_query_video"], body["is_query_live"] = true, true
		detail := report("detail", body)
		holds(detail, "data.VideoData.", map[string]any{
			"Total": 1, "DataList.0.ItemId": "v7", "DataList.0.ItemVv": 3, "DataList.0.ItemTitle": "", "DataList.0.Data.ComponentClickPv": 1,
			"DataList.0.ShortInfo.AccountType": 0, "DataList.0.Data.ClueCnt": nil,
		})
		holds(detail, "data.LiveData.", map[string]any{"Total": 1, "DataList.0.RoomId": "r9", "DataList.0.Data.ComponentShowPv": 1})
		body["is_query_video"] = false
		holds(report("detail", body), "data.", map[string]any{"VideoData.Total": 0, "VideoData.DataList.0": nil, "LiveData.Total": 1})

		// Another app sees its own, and no number of ours.
		mineToken := w.token
		w.token = token
		delete(body, "componentId_list")
		holds(report("overview", body), "data.ComponentOverviewData.", map[string]any{"ComponentShowPv": 1, "ClueCnt": 0})
		w.token = mineToken
	})
}

func TestBadReportsAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		good := func() object {
			return object{"start_time": 3600, "end_time": 7200, "page_no": 1, "page_size": 10, "is_query_video": true, "is_query_live": false}
		}
		for _, name := range []string{"overview", "source", "data", "detail"} {
			w.ask("POST", reports+"query_component_with_"+name+"/", good()).ok()
			for field, values := range map[string][]any{
				"start_time": {nil, "x", -1, 1.5, 7200}, "end_time": {nil, "", 3600, 1e15, 3600 + 401*86400},
				"componentId_list": {[]string{"nonsense"}, make([]string, 201)},
			} {
				for _, v := range values {
					body := good()
					if body[field] = v; v == nil {
						delete(body, field)
					}
					if field == "start_time" && v == 7200 {
						field = "end_time"
					}
					w.ask("POST", reports+"query_component_with_"+name+"/", body).is(28001007, field)
				}
			}
			if name == "overview" || name == "source" {
				continue
			}
			for field, values := range map[string][]any{"page_no": {0, -1, "x"}, "page_size": {0, 101, "x"}} {
				for _, v := range values {
					body := good()
					body[field] = v
					w.ask("POST", reports+"query_component_with_"+name+"/", body).is(28001007, field)
				}
			}
		}
		for _, field := range []string{"is_query_video", "is_query_live"} {
			body := good()
			delete(body, field)
			w.ask("POST", reports+"query_component_with_detail/", body).is(28001007, field)
		}
	})
}
