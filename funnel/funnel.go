// Package funnel keeps one promise: counts are right whatever comes twice, late
// or out of order, and they hold no person.
//
// What happened before a lead arrives as events ([Room.Take]); report, lead and
// valid lead follow the lead itself ([Note], [Settle]) and the operator's [Policy].
// Days and hours are those of UTC+8.
package funnel

import (
	"fmt"
	"slices"
	"time"
)

// Kind is what happened, in the order in which people come to it.
type Kind string

// The kinds. The first nine arrive as events, the last three with a lead.
const (
	View       Kind = "view"        // a video or live room was watched
	AnchorShow Kind = "anchor_show" // the link to the app was shown there
	AnchorTap  Kind = "anchor_click"
	AppOpen    Kind = "app_open"
	Show       Kind = "component_show"
	Click      Kind = "click" // the component's trigger
	Open       Kind = "open"  // the sheet or page with the notice is there
	Consent    Kind = "consent"
	Refuse     Kind = "refuse"
	Report     Kind = "report"     // a submission was stored; tests are never counted
	Lead       Kind = "lead"       // … and no duplicate of an earlier one
	ValidLead  Kind = "valid_lead" // … and it meets the operator's policy
)

// Kinds is every kind, in order.
func Kinds() []Kind {
	return []Kind{View, AnchorShow, AnchorTap, AppOpen, Show, Click, Open, Consent, Refuse, Report, Lead, ValidLead}
}

const (
	kinds     = 12 // len(Kinds())
	eventKind = 9  // how many of them arrive as events
)

// place is a kind's position in [Kinds]; -1 for what is none.
func place(k Kind) int { return slices.Index(Kinds(), k) }

// Honest lists the kinds that a page or mini-program may report about itself.
func Honest() []Kind { return []Kind{Show, Click, Open, Consent, Refuse} }

// The scenes, where a person met the component. words: funnel.scene.NAME
const (
	SceneVideo    = "video"          // 短视频
	SceneLive     = "live"           // 直播间
	SceneEntrance = "solid_entrance" // 固定入口
	SceneSearch   = "search"         // 搜索
	SceneShare    = "share"          // 分享
	SceneScan     = "scan"           // 扫码
	SceneHosted   = "hosted"         // the page that this server hosts
	SceneSite     = "site"           // the element on an operator's own page
	SceneOther    = "other"          // 其它
)

// Scenes is every scene, in the order they are shown.
func Scenes() []string {
	return []string{
		SceneVideo, SceneLive, SceneEntrance, SceneSearch, SceneShare, SceneScan, SceneHosted, SceneSite, SceneOther,
	}
}

// Event is one thing that happened. It names no person.
type Event struct {
	// ID tells the event apart from every other of the operator: 8 to 64 letters,
	// digits, dashes, underscores. The same id again changes nothing.
	ID   string
	Kind Kind
	// App may be left out where Component is given.
	App, Component string
	Scene          string // one of [Scenes]; empty is other
	// Room, Video and Promotion are ids of the host platform, at most 64 letters,
	// digits, dashes, underscores; empty where none took part.
	Room, Video, Promotion string
	Region                 string // district code, six digits; empty when unknown
	// Visitor is what tells visitors apart for the day, 1 to 256 bytes. It is tagged
	// under the key of the day before anything is stored, and is never stored. Empty
	// counts the event and no visitor.
	Visitor string
	At      time.Time
}

// Metrics are counts of a day, an hour or a range. Uv of a range is the sum of its days'.
type Metrics struct {
	ViewPv, ViewUv              int64
	AnchorShowPv, AnchorShowUv  int64
	AnchorTapPv, AnchorTapUv    int64
	AppOpenPv, AppOpenUv        int64
	ShowPv, ShowUv              int64
	ClickPv, ClickUv            int64
	OpenPv, OpenUv              int64
	ConsentPv, ConsentUv        int64
	RefusePv, RefuseUv          int64
	ReportPv, ReportUv          int64
	ClueCnt, ClueUcnt           int64
	ValidClueCnt, ValidClueUcnt int64
}

// Query narrows a report.
type Query struct {
	// From and To bound the hours that are counted, To exclusive; both are cut to
	// whole hours of UTC+8.
	From, To time.Time
	// App limits to one app, Components to some components; both empty is the whole operator.
	App        string
	Components []string
	Scene      string // empty is all
	// Page counts from 1 and Size from 1 to 100, for [ByComponent] and [ByItem]; zero
	// means 1 and 20.
	Page, Size int
}

// Taken says what became of a call's events.
type Taken struct {
	Counted   int // new
	Duplicate int // seen before, in this call or an earlier one
}

// Point is one hour or one day of a report.
type Point struct {
	Day  string // yyyyMMdd
	Hour int    // 0 to 23; -1 for a whole day
	Metrics
}

// Summary is what [Overview] answers.
type Summary struct {
	Total Metrics
	Days  []Point // of days that have counts, in order
	Hours []Point // the same by hour
}

// SourceRow is a line of [BySource].
type SourceRow struct {
	Scene string
	Metrics
}

// ComponentRow is a line of [ByComponent].
type ComponentRow struct {
	Component string
	Metrics
}

// Item is what an item row is about.
type Item string

// The items.
const (
	ItemVideo     Item = "video"
	ItemLive      Item = "live"
	ItemPromotion Item = "promotion"
	ItemRegion    Item = "region"
)

// ItemRow is a line of [ByItem].
type ItemRow struct {
	ID string // of the video, room or promotion; a district code
	Metrics
}

// BadEvent is what is wrong with one event.
type BadEvent struct {
	Index int    // in the call, from 0
	Field string // of the event, as the API spells it
	Code  string // words: problem.event.CODE
}

// BadEvents lists everything wrong with a call; nothing of the call was counted.
type BadEvents struct{ Events []BadEvent }

func (e *BadEvents) Error() string {
	b := e.Events[0]
	return fmt.Sprintf("%d events cannot be counted; the first is number %d: %s (%s)", len(e.Events), b.Index, b.Field, b.Code)
}
