package report

import (
	"slices"
	"strings"
	"testing"
)

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		in   string
		room int
		want []string
	}{
		{"", 10, []string{""}},
		{"one two three", 8, []string{"one two", "three"}},
		{"汉字可以在任何地方断开", 8, []string{"汉字可以", "在任何地", "方断开"}},
		{"标点不能打头，也不留在行尾（括号）", 14, []string{"标点不能打头，", "也不留在行尾", "（括号）"}},
		{"调用 setData 之后", 12, []string{"调用 setData", "之后"}},
		{"/a/very/long/path.js", 8, []string{"/a/very/", "long/pat", "h.js"}},
		{"two\n  lines\tmake one", 40, []string{"two lines make one"}},
	} {
		if got := wrap(c.in, c.room); !slices.Equal(got, c.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", c.in, c.room, got, c.want)
		}
	}
}

func TestCells(t *testing.T) {
	for in, want := range map[string]int{
		"": 0, "abc": 3, "汉字": 4, "ｆ": 2, "ﾊﾝ": 2, "e\u0301": 1, "한": 2, "😀": 2, "…─│": 3,
	} {
		if got := cells(in); got != want {
			t.Errorf("%q takes %d cells, want %d", in, got, want)
		}
	}
}

func TestColumnsAreUTF16(t *testing.T) {
	const line = "a😀汉b"
	for column, want := range map[int]int{-1: 0, 0: 0, 1: 0, 2: 1, 3: 1, 4: 5, 5: 8, 6: 9, 99: 9} {
		if got := at(line, column); got != want {
			t.Errorf("column %d is byte %d, want %d", column, got, want)
		}
	}
}

func TestSplitEndsLinesAsTheLoaderDoes(t *testing.T) {
	if got, want := split("a\r\nb\rc\n\nd"), []string{"a", "b", "c", "", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAHeapOfMarksIsBounded(t *testing.T) {
	text, _, _ := sight("x"+strings.Repeat("\u0301", 1<<20), 0, 1, 40)
	if len(text) > 100 {
		t.Errorf("%d bytes for one cell", len(text))
	}
}
