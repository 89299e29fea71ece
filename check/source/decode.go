package source

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Encoding is how a file's characters are written on disk.
type Encoding string

// The encodings that are told apart.
const (
	UTF8    Encoding = "utf-8"
	UTF8BOM Encoding = "utf-8-bom"
	UTF16LE Encoding = "utf-16le"
	UTF16BE Encoding = "utf-16be"
	GBK     Encoding = "gbk" // and what GB18030 adds to it
)

// decode sets Text and how its offsets lead back. It returns what is worth a note:
// [Binary] (no Text then), [BadEncoding], [Recoded] or "".
func (f *File) decode(raw []byte) NoteCode {
	f.Encoding = UTF8
	switch {
	case bytes.HasPrefix(raw, []byte("\xEF\xBB\xBF")):
		f.Encoding, f.skip = UTF8BOM, 3
		raw = raw[3:]
	case bytes.HasPrefix(raw, []byte("\xFF\xFE")):
		return f.utf16(raw, 2, UTF16LE, binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte("\xFE\xFF")):
		return f.utf16(raw, 2, UTF16BE, binary.BigEndian)
	}
	if bytes.IndexByte(raw, 0) >= 0 {
		switch zeroes(raw) {
		case 1:
			return f.utf16(raw, 0, UTF16LE, binary.LittleEndian)
		case 0:
			return f.utf16(raw, 0, UTF16BE, binary.BigEndian)
		}
		return Binary
	}
	if utf8.Valid(raw) {
		f.Text = string(raw)
		return ""
	}
	wrong, right := count(raw)
	cutOff := wrong < 4 && right > 0 && utf8.Valid(raw[:len(raw)-wrong])
	if right < 4*wrong && !cutOff {
		if f.Encoding == UTF8 && f.gbk(raw) {
			return Recoded
		}
		if wrong > len(raw)/10 {
			return Binary
		}
	}
	// Here and there a broken character, as where a file was cut off.
	text := make([]byte, 0, len(raw))
	for rest := raw; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			text = append(text, '?')
		} else {
			text = append(text, rest[:n]...)
		}
		rest = rest[n:]
	}
	f.Text = string(text)
	return BadEncoding
}

// count is how many bytes are no UTF-8, and how many characters beyond ASCII are.
func count(raw []byte) (wrong, right int) {
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		switch {
		case r == utf8.RuneError && n == 1:
			wrong++
		case n > 1:
			right++
		}
		raw = raw[n:]
	}
	return wrong, right
}

// zeroes tells UTF-16 without a mark by its zero bytes: 1 if most stand at odd
// offsets, 0 if at even ones, -1 for neither.
func zeroes(raw []byte) int {
	var at [2]int
	for i, c := range raw {
		if c == 0 {
			at[i&1]++
		}
	}
	half := len(raw) / 2
	switch {
	case at[1] > half/4 && at[1] > 8*at[0]:
		return 1
	case at[0] > half/4 && at[0] > 8*at[1]:
		return 0
	}
	return -1
}

func (f *File) utf16(raw []byte, skip int, e Encoding, order binary.ByteOrder) NoteCode {
	f.Encoding = e
	text := make([]byte, 0, len(raw))
	f.origin = make([]int32, 0, len(raw)+1)
	code := Recoded
	for i := skip; i < len(raw); {
		from := i
		if i+1 >= len(raw) {
			code = BadEncoding
			break
		}
		r := rune(order.Uint16(raw[i:]))
		i += 2
		if utf16.IsSurrogate(r) {
			second := rune(utf8.RuneError)
			if i+1 < len(raw) {
				second = rune(order.Uint16(raw[i:]))
			}
			if r = utf16.DecodeRune(r, second); r == utf8.RuneError {
				code = BadEncoding
			} else {
				i += 2
			}
		}
		// Without a mark it was a guess, which control characters refute.
		if r == 0 || skip == 0 && unicode.IsControl(r) && !unicode.IsSpace(r) {
			f.Encoding, f.origin = "", nil
			return Binary
		}
		text = f.put(text, r, from)
	}
	f.origin = append(f.origin, int32(len(raw)))
	f.Text = string(text)
	return code
}

// put writes a character and where each of its bytes comes from.
func (f *File) put(text []byte, r rune, from int) []byte {
	before := len(text)
	text = utf8.AppendRune(text, r)
	for range len(text) - before {
		f.origin = append(f.origin, int32(from))
	}
	return text
}

// gbk reads raw as GBK and GB18030, if all of it is.
func (f *File) gbk(raw []byte) bool {
	decoder := simplifiedchinese.GB18030.NewDecoder()
	known := map[[2]byte]rune{} // a text repeats its characters
	text := make([]byte, 0, len(raw)*3/2)
	origin := make([]int32, 0, len(raw)*3/2+1)
	g := File{origin: origin}
	for i := 0; i < len(raw); {
		c := raw[i]
		if c < 0x80 {
			text = g.put(text, rune(c), i)
			i++
			continue
		}
		n := 2
		if i+3 < len(raw) && raw[i+1] >= '0' && raw[i+1] <= '9' {
			n = 4
		}
		if i+n > len(raw) {
			return false
		}
		key := [2]byte(raw[i : i+2])
		r, ok := known[key]
		if !ok || n == 4 {
			out, err := decoder.Bytes(raw[i : i+n])
			if err != nil {
				return false
			}
			var size int
			if r, size = utf8.DecodeRune(out); r == utf8.RuneError || size != len(out) {
				return false
			}
			if n == 2 {
				known[key] = r
			}
		}
		text = g.put(text, r, i)
		i += n
	}
	f.Encoding, f.Text = GBK, string(text)
	f.origin = append(g.origin, int32(len(raw)))
	return true
}
