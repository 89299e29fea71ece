package douyin

import (
	"fmt"
	"slices"
	"time"

	"clew/component"
	"clew/db"
	"clew/funnel"
	"clew/words"
)

// rangeBody is what every report asks for. Times are seconds since 1970; a report
// counts whole hours, the one that end_time lies in included.
type rangeBody struct {
	Start whole    `json:"start_time"`
	End   whole    `json:"end_time"`
	IDs   []string `json:"componentId_list"`
}

func (b *rangeBody) check() []problem {
	const most = 4102444800 // 2100
	problems := append(b.Start.needed("start_time", 0, most), b.End.needed("end_time", 0, most)...)
	if problems == nil && b.End.N <= b.Start.N {
		problems = append(problems, problem{"end_time", "range"})
	}
	if len(b.IDs) > 200 {
		problems = append(problems, problem{"componentId_list", "many"})
	}
	return problems
}

// pageBody is rangeBody with a page.
type pageBody struct {
	rangeBody
	PageNo   whole `json:"page_no"`
	PageSize whole `json:"page_size"`
}

const (
	defaultRows = 10
	maxRows     = 100
)

func (b *pageBody) check() []problem {
	return slices.Concat(b.rangeBody.check(), b.PageNo.within("page_no", 1, 1_000_000), b.PageSize.within("page_size", 1, maxRows))
}

// detailBody is pageBody with what to list.
type detailBody struct {
	pageBody
	Video *bool `json:"is_query_video"`
	Live  *bool `json:"is_query_live"`
}

func (b *detailBody) check() []problem {
	problems := b.pageBody.check()
	if b.Video == nil {
		problems = append(problems, problem{"is_query_video", "missing"})
	}
	if b.Live == nil {
		problems = append(problems, problem{"is_query_live", "missing"})
	}
	return problems
}

// scope is a report's query for the calling app, and how its components are called
// on the wire.
type scope struct {
	funnel.Query
	ids, names map[string]string // by component: its newest config_id and that one's name
}

// scoped turns config_ids into components. An empty list is all of the app's; an id of
// another app is an unknown one. Where several config_ids place one component, they
// share its counts.
func (w *Wire) scoped(a *ask, tx *db.Tx, b *rangeBody) (scope, error) {
	s := scope{
		Query: funnel.Query{From: time.Unix(b.Start.N, 0), To: time.Unix(b.End.N, 0), App: a.caller.ID},
		ids:   map[string]string{}, names: map[string]string{},
	}
	byConfig := map[string]string{}
	for page := 1; ; page++ {
		targets, total, err := component.Targets(a.ctx, tx, a.caller.Operator, a.caller.ID, page, 100)
		if err != nil {
			return s, err
		}
		for _, t := range targets {
			byConfig[t.ConfigID] = t.Component
			if s.ids[t.Component] == "" {
				s.ids[t.Component], s.names[t.Component] = t.ConfigID, t.Name
			}
		}
		if page*100 >= total {
			break
		}
	}
	for _, id := range b.IDs {
		c, ok := byConfig[id]
		if !ok {
			return s, bad("componentId_list", "unknown")
		}
		if !slices.Contains(s.Components, c) {
			s.Components = append(s.Components, c)
			s.ids[c] = id
		}
	}
	return s, nil
}

func metrics(m funnel.Metrics) object {
	return object{
		"ComponentShowPv": m.ShowPv, "ComponentShowUv": m.ShowUv, "ComponentClickPv": m.ClickPv, "ComponentClickUv": m.ClickUv,
		"ComponentReportPv": m.ReportPv, "ComponentReportUv": m.ReportUv,
	}
}

func metricsAndClues(m funnel.Metrics) object {
	out := metrics(m)
	out["ClueCnt"], out["ClueUcnt"], out["ValidClueCnt"], out["ValidClueUcnt"] = m.ClueCnt, m.ClueUcnt, m.ValidClueCnt, m.ValidClueUcnt
	return out
}

// hourly is up to how long a range is listed by the hour, and from then on by the day.
const hourly = 7 * 24 * time.Hour

func (w *Wire) overview(a *ask) (any, error) {
	b, err := decode[rangeBody](a.body)
	if err != nil {
		return nil, err
	}
	if err := w.mayCount(a); err != nil {
		return nil, err
	}
	var sum funnel.Summary
	err = w.read(a, func(tx *db.Tx) error {
		s, err := w.scoped(a, tx, &b)
		if err != nil {
			return err
		}
		sum, err = funnel.Overview(a.ctx, tx, a.caller.Operator, s.Query)
		return err
	})
	if err != nil {
		return nil, err
	}
	points := sum.Hours
	if time.Duration(b.End.N-b.Start.N)*time.Second > hourly {
		points = sum.Days
	}
	list := []object{}
	for _, p := range points {
		row := metricsAndClues(p.Metrics)
		row["Date"], row["Hour"] = p.Day, ""
		if p.Hour >= 0 {
			row["Hour"] = fmt.Sprintf("%02d", p.Hour)
		}
		list = append(list, row)
	}
	return object{"ComponentOverviewData": metricsAndClues(sum.Total), "ComponentDataInfoList": list}, nil
}

func (w *Wire) bySource(a *ask) (any, error) {
	b, err := decode[rangeBody](a.body)
	if err != nil {
		return nil, err
	}
	if err := w.mayCount(a); err != nil {
		return nil, err
	}
	list := []object{}
	err = w.read(a, func(tx *db.Tx) error {
		s, err := w.scoped(a, tx, &b)
		if err != nil {
			return err
		}
		rows, err := funnel.BySource(a.ctx, tx, a.caller.Operator, s.Query)
		for _, r := range rows {
			list = append(list, object{"Scenes": r.Scene, "ScenesName": sceneName(a.lang, r.Scene), "Data": metrics(r.Metrics)})
		}
		return err
	})
	return object{"ScenesDataList": list}, err
}

func sceneName(lang words.Lang, scene string) string {
	if key := "funnel.scene." + scene; words.Has(key) {
		return words.T(lang, key)
	}
	return scene
}

func (w *Wire) byComponent(a *ask) (any, error) {
	b, err := decode[pageBody](a.body)
	if err != nil {
		return nil, err
	}
	if err := w.mayCount(a); err != nil {
		return nil, err
	}
	list, total := []object{}, 0
	err = w.read(a, func(tx *db.Tx) error {
		s, err := w.scoped(a, tx, &b.rangeBody)
		if err != nil {
			return err
		}
		s.Page, s.Size = int(b.PageNo.or(1)), int(b.PageSize.or(defaultRows))
		rows, n, err := funnel.ByComponent(a.ctx, tx, a.caller.Operator, s.Query)
		total = n
		for _, r := range rows {
			row := metrics(r.Metrics)
			row["ComponentId"], row["ComponentName"] = s.ids[r.Component], s.names[r.Component]
			if row["ComponentId"] == "" {
				row["ComponentId"] = r.Component // it has no config_id
			}
			list = append(list, row)
		}
		return err
	})
	return object{"DataList": list, "Total": total}, err
}

func (w *Wire) byItem(a *ask) (any, error) {
	b, err := decode[detailBody](a.body)
	if err != nil {
		return nil, err
	}
	if err := w.mayCount(a); err != nil {
		return nil, err
	}
	data := object{}
	err = w.read(a, func(tx *db.Tx) error {
		s, err := w.scoped(a, tx, &b.rangeBody)
		if err != nil {
			return err
		}
		s.Page, s.Size = int(b.PageNo.or(1)), int(b.PageSize.or(defaultRows))
		for _, part := range []struct {
			name string
			asks bool
			item funnel.Item
		}{{"VideoData", *b.Video, funnel.ItemVideo}, {"LiveData", *b.Live, funnel.ItemLive}} {
			list, total := []object{}, 0
			if part.asks {
				rows, n, err := funnel.ByItem(a.ctx, tx, a.caller.Operator, part.item, s.Query)
				if err != nil {
					return err
				}
				total = n
				for _, r := range rows {
					list = append(list, item(part.item, r))
				}
			}
			data[part.name] = object{"Total": total, "DataList": list}
		}
		return nil
	})
	return data, err
}

// item is a video or a live room. What the platform knows of it beside its id, and
// nobody tells this program, is empty.
func item(kind funnel.Item, r funnel.ItemRow) object {
	out := object{
		"ShortInfo": object{"AwemeShortID": "", "AccountType": 0, "Nickname": "", "Avat": ""},
		"Data":      metrics(r.Metrics),
	}
	if kind == funnel.ItemLive {
		out["RoomId"], out["RoomDuration"], out["RoomCreateTime"] = r.ID, 0, 0
		return out
	}
	for _, name := range []string{"ItemTitle", "ItemCover", "ItemAddr"} {
		out[name] = ""
	}
	out["ItemId"], out["ItemDuration"], out["ItemCreateTime"], out["ItemVv"], out["CompletionRate"] = r.ID, 0, 0, r.ViewPv, 0
	return out
}
