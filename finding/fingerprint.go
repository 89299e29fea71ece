package finding

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"clew/words"
)

// FingerprintVersion names the recipe below; SARIF prints fingerprints under it.
// A change of recipe is a new version, because every baseline holds the old ones.
const FingerprintVersion = "clew/v1"

// Stamp sets the fingerprint from what the finding says and the source lines it
// stands on: the whole lines that Place touches, decoded to UTF-8.
//
// The fingerprint hashes rule, clause, file, the enclosing member names and the
// lines with white space collapsed. It contains no line number, no offset, no
// verdict and no wording, so it survives lines inserted above, another
// indentation, another line ending, a better message and a sharper verdict. It
// changes when the code of those lines, the file's name or the member's name does.
func (f *Finding) Stamp(lines string) {
	h := sha256.New()
	part := func(s string) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	part(FingerprintVersion)
	part(f.Rule)
	part(f.Clause)
	part(f.Place.File)
	part(normal(lines))
	for _, m := range f.Members {
		part(m)
	}
	f.Fingerprint = hex.EncodeToString(h.Sum(nil)[:16])
}

// normal collapses every run of white space to one blank.
func normal(s string) string { return strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " ") }

// Settle makes a report of what detectors handed in: it sorts, drops what was
// said twice, and numbers fingerprints that several places share (equal lines in
// one member) as X, X-2, X-3 in source order, so that every fingerprint is there
// once. It reorders list and returns the part of it that is kept.
func Settle(list []Finding) []Finding {
	slices.SortStableFunc(list, Compare)
	list = slices.CompactFunc(list, func(a, b Finding) bool {
		return a.Place == b.Place && a.Verdict == b.Verdict && a.Rule == b.Rule && a.Clause == b.Clause &&
			a.Capability == b.Capability && slices.Equal(a.Platforms, b.Platforms) &&
			a.Message[words.EN] == b.Message[words.EN] && a.Fingerprint == b.Fingerprint
	})
	seen := map[string]int{}
	for i := range list {
		print := list[i].Fingerprint
		seen[print]++
		if n := seen[print]; n > 1 && print != "" {
			list[i].Fingerprint = print + "-" + strconv.Itoa(n)
		}
	}
	return list
}
