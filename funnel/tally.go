package funnel

import (
	"encoding/binary"
	"errors"
	"time"
)

// tally is what one row counts: PV and UV of every kind.
type tally struct{ pv, uv [kinds]int64 }

var errTally = errors.New("stored counts are not readable")

// pack writes the counts as varints, PV and UV in turn, without the zeros at the end.
func (t *tally) pack() []byte {
	last := 0
	for k := range kinds {
		if t.pv[k] != 0 || t.uv[k] != 0 {
			last = k + 1
		}
	}
	out := make([]byte, 0, 4*last)
	for k := range last {
		out = binary.AppendVarint(out, t.pv[k])
		out = binary.AppendVarint(out, t.uv[k])
	}
	return out
}

// add adds packed counts.
func (t *tally) add(b []byte) error {
	for k := 0; len(b) > 0; k++ {
		if k == kinds {
			return errTally
		}
		for _, into := range []*int64{&t.pv[k], &t.uv[k]} {
			n, w := binary.Varint(b)
			if w <= 0 {
				return errTally
			}
			*into += n
			b = b[w:]
		}
	}
	return nil
}

func (t *tally) metrics() Metrics {
	p, u := t.pv, t.uv
	return Metrics{
		ViewPv: p[0], ViewUv: u[0], AnchorShowPv: p[1], AnchorShowUv: u[1], AnchorTapPv: p[2], AnchorTapUv: u[2],
		AppOpenPv: p[3], AppOpenUv: u[3], ShowPv: p[4], ShowUv: u[4], ClickPv: p[5], ClickUv: u[5], OpenPv: p[6], OpenUv: u[6],
		ConsentPv: p[7], ConsentUv: u[7], RefusePv: p[8], RefuseUv: u[8], ReportPv: p[9], ReportUv: u[9],
		ClueCnt: p[10], ClueUcnt: u[10], ValidClueCnt: p[11], ValidClueUcnt: u[11],
	}
}

// Of is PV and UV of a kind.
func (m Metrics) Of(k Kind) (pv, uv int64) {
	switch k {
	case View:
		return m.ViewPv, m.ViewUv
	case AnchorShow:
		return m.AnchorShowPv, m.AnchorShowUv
	case AnchorTap:
		return m.AnchorTapPv, m.AnchorTapUv
	case AppOpen:
		return m.AppOpenPv, m.AppOpenUv
	case Show:
		return m.ShowPv, m.ShowUv
	case Click:
		return m.ClickPv, m.ClickUv
	case Open:
		return m.OpenPv, m.OpenUv
	case Consent:
		return m.ConsentPv, m.ConsentUv
	case Refuse:
		return m.RefusePv, m.RefuseUv
	case Report:
		return m.ReportPv, m.ReportUv
	case Lead:
		return m.ClueCnt, m.ClueUcnt
	case ValidLead:
		return m.ValidClueCnt, m.ValidClueUcnt
	}
	return 0, 0
}

// The faces: what a row counts by. Those of an hour have rows per hour, the others
// one per day with hour -1.
const (
	faceAll       = "all"
	faceHour      = "hour"
	faceScene     = "scene"
	faceSceneHour = "scene_hour"
	faceRoom      = "room"
	faceVideo     = "video"
	facePromotion = "promotion"
	faceRegion    = "region"
)

// itemFaces have as many keys as the host platform has rooms and videos; closing a
// day bounds them.
var itemFaces = []string{faceRoom, faceVideo, facePromotion, faceRegion}

// cell is a row of funnel_count of one operator.
type cell struct {
	face, app, scope string
	day, hour        int
	slot             string
}

// place of an event or a lead: what cells it falls into.
type spot struct {
	app, component, scene, room, video, promotion, region string
	day, hour                                             int
}

// cells calls f with every cell of s.
func (s *spot) cells(f func(cell)) {
	scopes := [2]string{"", s.component}
	n := 2
	if s.component == "" {
		n = 1
	}
	for _, scope := range scopes[:n] {
		f(cell{faceAll, s.app, scope, s.day, -1, ""})
		f(cell{faceHour, s.app, scope, s.day, s.hour, ""})
		f(cell{faceScene, s.app, scope, s.day, -1, s.scene})
		f(cell{faceSceneHour, s.app, scope, s.day, s.hour, s.scene})
		for i, slot := range [...]string{s.room, s.video, s.promotion, s.region} {
			if slot != "" {
				f(cell{itemFaces[i], s.app, scope, s.day, -1, slot})
			}
		}
	}
}

// china is the clock that days and hours are cut by; it has had no summer time
// since 1991.
var china = time.FixedZone("UTC+8", 8*3600)

// dayOf is the day of t as yyyyMMdd, and its hour.
func dayOf(t time.Time) (day, hour int) {
	y, m, d := t.In(china).Date()
	return y*10000 + int(m)*100 + d, t.In(china).Hour()
}

// DayStart is when the day of t begins.
func DayStart(t time.Time) time.Time {
	day, _ := dayOf(t)
	return dayStart(day)
}

// dayStart is when a day begins.
func dayStart(day int) time.Time {
	return time.Date(day/10000, time.Month(day/100%100), day%100, 0, 0, 0, 0, china)
}

// dayEnd is when a day is over.
func dayEnd(day int) time.Time { return dayStart(day).AddDate(0, 0, 1) }
