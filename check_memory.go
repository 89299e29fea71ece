package main

import (
	"runtime/debug"
	"runtime/metrics"
)

const (
	// roomFor is how many bytes a check may take for each of source: little enough for a
	// peak, the program itself included, within ten.
	roomFor = 7
	// leastRoom is what it may take however small the tree is.
	leastRoom = 256 << 20
)

// memory lets garbage grow while there is room, which is a third faster, and collects
// it sooner where there is none.
type memory struct{ room int64 }

// see sets how much the program may take for a tree of so many bytes. What is alive
// may need more than that: then as much again, nearly, is left for garbage.
func (m *memory) see(source int64) {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	room := max(leastRoom, roomFor*source)
	if live[0].Value.Kind() == metrics.KindUint64 {
		room = max(room, int64(min(live[0].Value.Uint64(), 1<<40))*9/5) // #nosec G115 -- bounded
	}
	if m.room != room {
		m.room = room
		debug.SetMemoryLimit(room)
	}
}
