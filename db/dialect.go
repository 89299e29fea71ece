package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"net"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"
)

// dialect holds everything in which the two engines differ, and nothing else.
type dialect int

const (
	sqlite dialect = iota
	postgres
)

func (d dialect) String() string {
	if d == postgres {
		return "postgres"
	}
	return "sqlite"
}

// snapshot is the isolation in which a read sees one state; a SQLite read
// transaction always does.
func (d dialect) snapshot() sql.IsolationLevel {
	if d == postgres {
		return sql.LevelRepeatableRead
	}
	return sql.LevelDefault
}

func (d dialect) forShare() string {
	if d == postgres {
		return " for share"
	}
	return ""
}

func (d dialect) forUpdate() string {
	if d == postgres {
		return " for update"
	}
	return ""
}

func (d dialect) skipLocked() string {
	if d == postgres {
		return " for update skip locked"
	}
	return ""
}

type insertKey struct {
	d              dialect
	table, columns string
	n              int
}

var insertTexts sync.Map // insertKey → string

func (d dialect) insertText(table string, columns []string, n int) string {
	key := insertKey{d, table, strings.Join(columns, ","), n}
	if s, ok := insertTexts.Load(key); ok {
		return s.(string)
	}
	var b strings.Builder
	b.WriteString("insert into " + table + " (" + key.columns + ") values ")
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		if d == sqlite {
			// To SQLite $1 is a name, and its driver looks every value up by name: with
			// some hundred values that costs more than storing them.
			b.WriteString("(?" + strings.Repeat(",?", len(columns)-1) + ")")
			continue
		}
		b.WriteString(In(i*len(columns)+1, len(columns)))
	}
	insertTexts.Store(key, b.String())
	return b.String()
}

// SQLite's extended result codes (https://sqlite.org/rescode.html).
const (
	sqliteConstraintPrimaryKey = 1555
	sqliteConstraintUnique     = 2067
)

// IsUnique reports whether err says that a key was already taken.
func IsUnique(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == "23505"
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		return lite.Code() == sqliteConstraintUnique || lite.Code() == sqliteConstraintPrimaryKey
	}
	return false
}

// IsSerialization reports whether PostgreSQL asks for the transaction to be run
// again (serialization failure, deadlock). SQLite never does.
func IsSerialization(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// SQLite's primary result codes that say the file cannot be used now.
const (
	sqliteBusy     = 5
	sqliteReadOnly = 8
	sqliteIOErr    = 10
	sqliteFull     = 13
	sqliteCantOpen = 14
)

// IsUnavailable reports whether err says that the store cannot answer now, through
// no fault of who asked: a full or broken disk, a server that is down, starting,
// stopping, out of connections or a standby (SQLSTATE classes 08, 53, 57P0x and
// 25006), or a deadline that passed while waiting for it.
func IsUnavailable(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "57P0") || pg.Code == "25006"
	}
	var lite *sqlitedriver.Error
	if errors.As(err, &lite) {
		switch lite.Code() & 0xff {
		case sqliteBusy, sqliteReadOnly, sqliteIOErr, sqliteFull, sqliteCantOpen:
			return true
		}
		return false
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	return errors.As(err, &connect) || errors.As(err, &network) || err != nil && pgconn.SafeToRetry(err) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, context.DeadlineExceeded)
}
