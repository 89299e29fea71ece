package funnel

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// A sketch is exact up to exactTags, and its relative error beyond has the standard
// deviation that docs/manual/funnel.md names.
func TestSketchError(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(2026, 3))
	for _, n := range []int{0, 1, 100, exactTags} {
		var s sketch
		for range n {
			tag := random.Uint64()
			s.add(tag)
			s.add(tag)
		}
		if got := s.count(); got != int64(n) {
			t.Errorf("%d tags counted as %d", n, got)
		}
	}
	for _, n := range []int{exactTags + 1, 2000, 10_000, 100_000} {
		const runs = 60
		var square, sum, worst float64
		for range runs {
			var s sketch
			for range n {
				s.add(random.Uint64())
			}
			e := float64(s.count())/float64(n) - 1
			square, sum, worst = square+e*e, sum+e, max(worst, math.Abs(e))
		}
		deviation, bias := math.Sqrt(square/runs), sum/runs
		t.Logf("%d tags: standard error %.2f %%, bias %+.2f %%, worst of %d: %.2f %%", n, 100*deviation, 100*bias, runs, 100*worst)
		// 60 runs know the deviation to within 9 %; 35 % is four of these.
		if deviation > 1.35*stdError || math.Abs(bias) > 4*stdError/math.Sqrt(runs) {
			t.Errorf("%d tags: error %.4f, bias %.4f; promised %.4f", n, deviation, bias, stdError)
		}
	}
}

// Every way to the same set of tags ends in the same bytes.
func TestSketchBytesFollowFromTheSet(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 5))
	for _, n := range []int{3, exactTags, exactTags + 1, 3000} {
		tags := make([]uint64, n)
		for i := range tags {
			tags[i] = random.Uint64()
		}
		var first []byte
		for range 5 {
			var s sketches
			random.Shuffle(n, func(i, j int) { tags[i], tags[j] = tags[j], tags[i] })
			for i, tag := range tags {
				s[showKind].add(tag)
				s[showKind].add(tags[random.IntN(i+1)])
				if random.IntN(200) == 0 {
					var err error
					if s, err = unpackSketches(s.pack()); err != nil {
						t.Fatal(err)
					}
				}
			}
			if first == nil {
				first = s.pack()
			} else if !bytes.Equal(first, s.pack()) {
				t.Fatalf("%d tags: bytes depend on the way", n)
			}
		}
	}
}

func FuzzStored(f *testing.F) {
	r := record{kind: 4, at: 1_772_000_000_000, tag: 7, spot: spot{app: "a", component: "c", scene: "live"}}
	f.Add(packBatch([]record{r, r}))
	var s sketches
	s[0].add(9)
	f.Add(s.pack())
	f.Add((&tally{pv: [kinds]int64{1, -2}}).pack())
	f.Fuzz(func(t *testing.T, b []byte) {
		if records, err := unpackBatch(b); err == nil {
			again, err := unpackBatch(packBatch(records))
			if err != nil || len(again) != len(records) {
				t.Fatalf("a batch that was read cannot be written: %v", err)
			}
			for i := range records {
				if again[i] != records[i] {
					t.Fatal("a batch changes by writing")
				}
			}
		}
		if s, err := unpackSketches(b); err == nil {
			_ = s[0].count()
			if _, err := unpackSketches(s.pack()); err != nil {
				t.Fatal(err)
			}
		}
		var n tally
		if n.add(b) == nil {
			var again tally
			if err := again.add(n.pack()); err != nil || again != n {
				t.Fatal("counts change by writing")
			}
		}
	})
}
