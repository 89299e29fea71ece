package code

// slab hands out values of one type from ever larger pieces of memory: a module
// is made of very many small values that die together.
type slab[T any] struct {
	free []T
	made int
}

// maxSlab is in items; 256 values are just below what the allocator counts as
// large.
const maxSlab = 256

func (s *slab[T]) grow(n int) {
	n = max(min(s.made/4, maxSlab), 4, n)
	s.made += n
	s.free = make([]T, n)
}

func (s *slab[T]) next() *T {
	if len(s.free) == 0 {
		s.grow(1)
	}
	v := &s.free[0]
	s.free = s.free[1:]
	return v
}

// keep copies items into a slice of their own. What does not fit the current
// piece and is long gets memory of its own.
func (s *slab[T]) keep(items []T) []T {
	n := len(items)
	if n == 0 {
		return nil
	}
	if len(s.free) < n {
		if n > maxSlab/4 {
			return append(make([]T, 0, n), items...)
		}
		s.grow(n)
	}
	kept := s.free[:n:n]
	s.free = s.free[n:]
	copy(kept, items)
	return kept
}
