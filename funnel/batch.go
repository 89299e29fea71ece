package funnel

import (
	"encoding/binary"
	"errors"
	"time"
)

// A batch is what one commit took in, packed for the append log: a version, a table
// of the texts that occur, and the events, each with numbers of texts.

const batchVersion = 1

var errBatch = errors.New("a stored batch of events is not readable")

func (s *spot) texts() [7]*string {
	return [7]*string{&s.app, &s.component, &s.scene, &s.room, &s.video, &s.promotion, &s.region}
}

func packBatch(records []record) []byte {
	numbers := map[string]uint64{}
	var texts []string
	body := make([]byte, 0, 48*len(records))
	for i := range records {
		r := &records[i]
		body = append(body, byte(r.kind))
		body = binary.AppendVarint(body, r.at)
		body = binary.BigEndian.AppendUint64(body, r.tag)
		body = append(body, r.seen[:]...)
		for _, t := range r.spot.texts() {
			n, known := numbers[*t]
			if !known {
				n = uint64(len(texts))
				numbers[*t] = n
				texts = append(texts, *t)
			}
			body = binary.AppendUvarint(body, n)
		}
	}
	out := []byte{batchVersion}
	out = binary.AppendUvarint(out, uint64(len(texts)))
	for _, t := range texts {
		out = binary.AppendUvarint(out, uint64(len(t)))
		out = append(out, t...)
	}
	out = binary.AppendUvarint(out, uint64(len(records)))
	return append(out, body...)
}

// unpackBatch reads a batch and trusts nothing in it.
func unpackBatch(b []byte) ([]record, error) {
	if len(b) == 0 || b[0] != batchVersion {
		return nil, errBatch
	}
	b = b[1:]
	number := func() (uint64, bool) {
		n, w := binary.Uvarint(b)
		if w <= 0 {
			return 0, false
		}
		b = b[w:]
		return n, true
	}
	n, ok := number()
	if !ok || n > uint64(len(b)) {
		return nil, errBatch
	}
	texts := make([]string, n)
	for i := range texts {
		size, ok := number()
		if !ok || size > uint64(len(b)) {
			return nil, errBatch
		}
		texts[i], b = string(b[:size]), b[size:]
	}
	const least = 1 + 1 + 8 + 16 + 7
	if n, ok = number(); !ok || n > uint64(len(b)/least) {
		return nil, errBatch
	}
	records := make([]record, n)
	for i := range records {
		r := &records[i]
		if len(b) < least || b[0] >= eventKind {
			return nil, errBatch
		}
		r.kind, b = int(b[0]), b[1:]
		at, w := binary.Varint(b)
		if w <= 0 || len(b)-w < 24 {
			return nil, errBatch
		}
		r.at, b = at, b[w:]
		r.tag = binary.BigEndian.Uint64(b)
		copy(r.seen[:], b[8:])
		b = b[24:]
		for _, t := range r.spot.texts() {
			k, ok := number()
			if !ok || k >= uint64(len(texts)) {
				return nil, errBatch
			}
			*t = texts[k]
		}
		r.spot.day, r.spot.hour = dayOf(time.UnixMilli(r.at))
	}
	if len(b) > 0 {
		return nil, errBatch
	}
	return records, nil
}
