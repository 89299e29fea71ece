package douyin

import (
	"hash/fnv"
	"strconv"
	"strings"
	"sync"

	"clew/app"
	"clew/db"
	"clew/norm"
)

// otherCategories is where the numbers of categories begin that are in no edition of
// the norm.
const otherCategories = 100_000

// listed numbers the norm's categories from 1, in the order of its table; what a later
// edition adds comes behind, so that a number never means another category.
var listed = sync.OnceValue(func() map[string]int64 {
	out := map[string]int64{}
	for _, e := range norm.All() {
		for _, c := range e.Categories {
			if _, known := out[c.Path()]; !known {
				out[c.Path()] = int64(len(out) + 1)
			}
		}
	}
	return out
})

// categoryID is the number of a category on the wire, where names are not used.
func categoryID(path string) int64 {
	if n, ok := listed()[path]; ok {
		return n
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(path))
	return otherCategories + int64(h.Sum32())
}

// categoryPaths reads numbers as "8,9,12". A category that the norm does not list is
// known by its number only where the app has applied for it.
func categoryPaths(text string, held []app.Category) (paths []string, problems []problem) {
	byID := map[int64]string{}
	for _, c := range held {
		byID[categoryID(c.Path)] = c.Path
	}
	for path, id := range listed() {
		byID[id] = path
	}
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		path, ok := byID[n]
		if err != nil || !ok {
			return nil, []problem{{"category_id", "unknown"}}
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// categoryTexts writes paths as numbers and as names, both joined by commas.
func categoryTexts(paths []string) (ids, names string) {
	var numbers, texts []string
	for _, p := range paths {
		numbers = append(numbers, strconv.FormatInt(categoryID(p), 10))
		texts = append(texts, categoryName(p))
	}
	return strings.Join(numbers, ","), strings.Join(texts, ",")
}

// categoryName is a path as the platform prints it: levels joined by dashes.
func categoryName(path string) string { return strings.ReplaceAll(path, norm.PathSeparator, "-") }

// auditState is a category's state as the platform counts it: 1 under review, 2
// passed, 3 refused or taken off line.
var auditState = map[app.CategoryState]int{app.Applied: 1, app.Approved: 2, app.Online: 2, app.Offline: 3}

func (w *Wire) categories(a *ask) (any, error) {
	if err := w.mayRead(a); err != nil {
		return nil, err
	}
	list := []object{}
	err := w.read(a, func(tx *db.Tx) error {
		all, err := app.Categories(a.ctx, tx, a.caller.Operator, a.caller.ID)
		if err != nil {
			return err
		}
		for _, c := range all {
			papers, err := app.Papers(a.ctx, tx, a.caller.Operator, a.caller.ID, c.Path)
			if err != nil {
				return err
			}
			certs, ids := []object{}, []string{}
			for _, p := range papers {
				// The files themselves are for the operator's people, in the console.
				certs = append(certs, object{"id": p.ID, "name": p.Name, "path_list": []string{}, "is_video": 0})
				ids = append(ids, p.ID)
			}
			list = append(list, object{
				"category": strconv.FormatInt(categoryID(c.Path), 10), "category_name": categoryName(c.Path),
				"category_audit_state": auditState[c.State], "reason": c.Reason, "category_cert_ids": strings.Join(ids, ","), "category_cert": certs,
				"category_state": string(c.State), "is_main": c.Main,
			})
		}
		return nil
	})
	// There is no limit here but the number of categories that there are.
	most := len(listed())
	return object{"app_category_audit_info": list, "category_limit": most, "category_change_limit": most, "remaining_times": most}, err
}
