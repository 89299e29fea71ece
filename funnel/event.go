package funnel

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"regexp"
	"slices"
	"time"

	"clew/region"
)

const (
	// Late is how far back an event may lie when it arrives.
	Late = 72 * time.Hour
	// Early is how far ahead, for clocks that are fast.
	Early = 5 * time.Minute
	// MaxEvents bounds a call.
	MaxEvents = 1000
	// slack is how long after its late window a day is closed, for transactions that
	// began before.
	slack = 10 * time.Minute
)

var (
	idForm = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)
	// slotForm is the shape of ids of the host platform.
	slotForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	// numberForm finds what may be somebody's number; ids of rooms and videos are longer.
	numberForm = regexp.MustCompile(`(^|[^0-9])(86)?1[3-9][0-9]{9}([^0-9]|$)`)
)

// record is an event as it is stored: checked, and without the visitor.
type record struct {
	kind int
	at   int64  // milliseconds
	tag  uint64 // of the visitor; 0 for none
	seen [16]byte
	spot spot // day and hour follow from at
}

// check says what is wrong with the shape of an event; ids of ours are looked up
// elsewhere.
func (e *Event) check(now time.Time) (field, code string) {
	switch k := place(e.Kind); {
	case !idForm.MatchString(e.ID):
		return "id", "id"
	case k < 0:
		return "kind", "kind"
	case k >= eventKind:
		return "kind", "counted_by_lead"
	case e.App == "" && e.Component == "":
		return "component", "where"
	case e.Component == "" && k >= place(Show):
		return "component", "component_needed"
	case e.Scene != "" && !slices.Contains(Scenes(), e.Scene):
		return "scene", "scene"
	case e.At.IsZero():
		return "at", "at"
	case e.At.Before(now.Add(-Late)):
		return "at", "late"
	case e.At.After(now.Add(Early)):
		return "at", "future"
	case len(e.Visitor) > 256:
		return "visitor", "visitor"
	}
	for _, s := range []struct{ name, value string }{{"room", e.Room}, {"video", e.Video}, {"promotion", e.Promotion}} {
		if s.value == "" {
			continue
		}
		if !slotForm.MatchString(s.value) {
			return s.name, "slot"
		}
		if numberForm.MatchString(s.value) {
			return s.name, "number"
		}
	}
	if e.Region != "" {
		if _, ok := region.District(e.Region); !ok {
			return "region", "region"
		}
	}
	return "", ""
}

// record tags the visitor under the key of the event's day. App must be known.
func (e *Event) record(operator string, key []byte) record {
	r := record{kind: place(e.Kind), at: e.At.UnixMilli(), spot: spot{
		app: e.App, component: e.Component, scene: e.Scene,
		room: e.Room, video: e.Video, promotion: e.Promotion, region: e.Region,
	}}
	if r.spot.scene == "" {
		r.spot.scene = SceneOther
	}
	r.spot.day, r.spot.hour = dayOf(e.At)
	id := sha256.Sum256([]byte(e.ID))
	copy(r.seen[:], id[:])
	if e.Visitor != "" {
		r.tag = visitorTag(key, operator, e.App, e.Visitor)
	}
	return r
}

// visitorTag tells visitors of an app apart for a day: without the key it says
// nothing, and the key is destroyed. Another operator or app sees other tags.
func visitorTag(key []byte, operator, app, visitor string) uint64 {
	h := hmac.New(sha256.New, key)
	for _, part := range []string{operator, app, visitor} {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(part)))
		_, _ = h.Write(n[:])
		_, _ = h.Write([]byte(part))
	}
	return max(binary.BigEndian.Uint64(h.Sum(nil)), 1)
}
