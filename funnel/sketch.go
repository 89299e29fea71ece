package funnel

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// sketch counts distinct tags. Up to exactTags it holds them and is exact; beyond,
// it is a HyperLogLog of registers bytes. Which of the two it is, and every byte of
// it, depends on the set of tags alone: not on order, repetition or merging.
type sketch struct {
	tags []uint64 // sorted, distinct; unused once regs is there
	regs []uint8  // nil, or 1<<precision long
}

const (
	precision = 12
	registers = 1 << precision
	// exactTags is where the list would outgrow the registers.
	exactTags = registers / 8
)

// stdError is a sketch's standard error beyond exactTags: 1.04/√registers
// (Flajolet et al. 2007).
const stdError = 1.04 / 64

func (s *sketch) add(tag uint64) {
	if s.regs != nil {
		s.dense(tag)
		return
	}
	i, seen := slices.BinarySearch(s.tags, tag)
	if seen {
		return
	}
	s.tags = slices.Insert(s.tags, i, tag)
	if len(s.tags) > exactTags {
		s.spread()
	}
}

// dense puts a tag into its register: the first bits choose it, and it holds the
// longest run of zeros that the others began with, and one.
func (s *sketch) dense(tag uint64) {
	i := tag >> (64 - precision)
	rank := uint8(bits.LeadingZeros64(tag<<precision|1<<(precision-1))) + 1
	s.regs[i] = max(s.regs[i], rank)
}

func (s *sketch) spread() {
	tags := s.tags
	s.tags, s.regs = nil, make([]uint8, registers)
	for _, t := range tags {
		s.dense(t)
	}
}

// count is how many distinct tags there were; Ertl's estimator for registers
// ("New cardinality estimation algorithms for HyperLogLog sketches", 2017, alg. 6),
// which needs no table and no threshold.
func (s *sketch) count() int64 {
	if s.regs == nil {
		return int64(len(s.tags))
	}
	const q = 64 - precision
	var have [q + 2]int
	for _, r := range s.regs {
		have[r]++
	}
	const m = float64(registers)
	z := m * tau(1-float64(have[q+1])/m)
	for k := q; k >= 1; k-- {
		z = 0.5 * (z + float64(have[k]))
	}
	z += m * sigma(float64(have[0])/m)
	return int64(math.Round(m * m / (2 * math.Ln2 * z)))
}

func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for {
		x *= x
		old := z
		z += x * y
		y += y
		if z == old {
			return z
		}
	}
}

func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for {
		x = math.Sqrt(x)
		old := z
		y *= 0.5
		z -= (1 - x) * (1 - x) * y
		if z == old {
			return z / 3
		}
	}
}

// sketches are those of one row, by kind.
type sketches [eventKind]sketch

var errSketch = errors.New("a stored sketch is not readable")

// pack writes the sketches that hold something: the kind, the length, and the tags
// or the registers.
func (s *sketches) pack() []byte {
	out := []byte{}
	for k := range s {
		one := &s[k]
		switch {
		case one.regs != nil:
			out = append(out, byte(k), 1)
			out = append(out, one.regs...)
		case len(one.tags) > 0:
			out = append(out, byte(k), 0)
			out = binary.AppendUvarint(out, uint64(len(one.tags)))
			for _, t := range one.tags {
				out = binary.BigEndian.AppendUint64(out, t)
			}
		}
	}
	return out
}

func unpackSketches(b []byte) (s sketches, err error) {
	for len(b) > 0 {
		if len(b) < 2 || int(b[0]) >= len(s) {
			return s, errSketch
		}
		one, form := &s[b[0]], b[1]
		b = b[2:]
		if form == 1 {
			if len(b) < registers {
				return s, errSketch
			}
			one.regs, b = slices.Clone(b[:registers]), b[registers:]
			for _, r := range one.regs {
				if r > 64-precision+1 {
					return s, errSketch
				}
			}
			continue
		}
		n, w := binary.Uvarint(b)
		if form != 0 || w <= 0 || n > exactTags || uint64(len(b)-w) < 8*n {
			return s, errSketch
		}
		b = b[w:]
		one.tags = make([]uint64, n)
		for i := range one.tags {
			one.tags[i] = binary.BigEndian.Uint64(b[8*i:])
			if i > 0 && one.tags[i] <= one.tags[i-1] {
				return s, errSketch
			}
		}
		b = b[8*n:]
	}
	return s, nil
}
