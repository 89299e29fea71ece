package funnel

import (
	"slices"

	"clew/region"
)

// TidyScene is s when it is a scene, and other when it is none.
func TidyScene(s string) string {
	if slices.Contains(Scenes(), s) {
		return s
	}
	return SceneOther
}

func tidySlot(s string) string {
	if slotForm.MatchString(s) && !numberForm.MatchString(s) {
		return s
	}
	return ""
}

func tidyRegion(s string) string {
	if _, ok := region.District(s); ok {
		return s
	}
	return ""
}
