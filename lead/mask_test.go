package lead

import (
	"fmt"
	"testing"
)

func TestWithoutNumbers(t *testing.T) {
	n := fmt.Sprintf("138%08d", 7)
	for text, want := range map[string]string{
		"":                 "",
		"免费咨询":             "免费咨询",
		"spring-20261123":  "spring-20261123",
		"拨打 400-82 咨询 2 次": "拨打 400-82 咨询 2 次",
		"live-" + n:        "live-…",
		n + n:              "…",
		"致电 +86 " + n[:3] + " " + n[3:7] + "-" + n[7:] + "，免费": "致电 +…，免费",
		"١٣٨٠٠٠٠٠٠٠٧": "…",
	} {
		if got := withoutNumbers(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
