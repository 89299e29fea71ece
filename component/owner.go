package component

import (
	"context"

	"clew/db"
)

// Owners says to which app each of an operator's components belongs, by id. What is
// not the operator's is left out.
func Owners(ctx context.Context, tx *db.Tx, operator string, ids []string) (map[string]string, error) {
	out := make(map[string]string, len(ids))
	for len(ids) > 0 {
		n := min(len(ids), 64)
		args := []any{operator}
		for _, id := range ids[:n] {
			args = append(args, id)
		}
		rows, err := db.Collect(ctx, tx, func(s db.Scanner) (v [2]string, err error) { return v, s.Scan(&v[0], &v[1]) },
			"select id, app from component where operator=$1 and id in "+db.In(2, n), args...)
		if err != nil {
			return nil, err
		}
		for _, v := range rows {
			out[v[0]] = v[1]
		}
		ids = ids[n:]
	}
	return out, nil
}
