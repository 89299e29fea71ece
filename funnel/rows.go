package funnel

import (
	"context"
	"strings"

	"clew/db"
)

func join(columns []string) string { return strings.Join(columns, ", ") }

// insertRows is db's Insert with a conflict clause. A statement has few parameters:
// the engines look numbered ones up one by one.
func insertRows(ctx context.Context, tx *db.Tx, table string, columns []string, rows [][]any, conflict string) error {
	for len(rows) > 0 {
		n := 16
		for n > len(rows) {
			n /= 2
		}
		var text strings.Builder
		text.WriteString("insert into " + table + " (" + join(columns) + ") values ")
		args := make([]any, 0, n*len(columns))
		for i, row := range rows[:n] {
			if i > 0 {
				text.WriteByte(',')
			}
			text.WriteString(db.In(i*len(columns)+1, len(columns)))
			args = append(args, row...)
		}
		if _, err := tx.Exec(ctx, text.String()+" "+conflict, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}
