package funnel

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// FuzzEvent holds the reading of events to its rule: whatever comes, it is refused
// with a field and a code, or it is stored as it was, whole and without the visitor.
func FuzzEvent(f *testing.F) {
	now := time.UnixMilli(1_772_416_800_000)
	f.Add([]byte(`{"ID":"event-01","Kind":"view","App":"app_1","Scene":"live","Visitor":"someone-0123456789","At":"2026-03-02T01:00:00Z"}`))
	f.Add([]byte(`{"ID":"event-01","Kind":"click","Component":"cmp_1","Region":"440106","Room":"7412900311","At":"2026-02-28T01:00:00Z"}`))
	f.Add([]byte(`{"ID":"event-01","Kind":"lead","Video":"1\u0000"}`))
	key := make([]byte, 32)
	f.Fuzz(func(t *testing.T, raw []byte) {
		var e Event
		if json.Unmarshal(raw, &e) != nil {
			return
		}
		field, code := e.check(now)
		if (field == "") != (code == "") {
			t.Fatalf("%q is wrong for %q", field, code)
		}
		if code != "" {
			return
		}
		r := e.record("op_1", key)
		stored := packBatch([]record{r})
		if len(e.Visitor) > 8 && !strings.Contains(e.ID+e.App+e.Component+e.Room+e.Video+e.Promotion, e.Visitor) && strings.Contains(string(stored), e.Visitor) {
			t.Fatal("the visitor is in what is stored")
		}
		again, err := unpackBatch(stored)
		if err != nil || len(again) != 1 || again[0] != r {
			t.Fatalf("stored as something else: %v, %+v, %+v", err, again, r)
		}
	})
}
