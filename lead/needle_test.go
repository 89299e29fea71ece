package lead_test

import (
	"crypto/md5" //nolint:gosec // looking for leaks
	"crypto/sha1"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"clew/db"
)

// needles are the forms in which a number might be found.
func needles(national string) map[string]string {
	out := map[string]string{}
	for name, text := range map[string]string{"national": national, "E.164": "+86" + national} {
		sha, one, five := sha256.Sum256([]byte(text)), sha1.Sum([]byte(text)), md5.Sum([]byte(text))
		out[name] = text
		out[name+" hex"] = hex.EncodeToString([]byte(text))
		out[name+" base64"] = base64.RawStdEncoding.EncodeToString([]byte(text))[:12]
		out[name+" sha256"] = hex.EncodeToString(sha[:])
		out[name+" sha1"] = hex.EncodeToString(one[:])
		out[name+" md5"] = hex.EncodeToString(five[:])
	}
	return out
}

// dump writes a row as text, bytes both as they are and in hex.
func dump(s db.Scanner) (string, error) {
	rows, ok := s.(*sql.Rows)
	if !ok {
		return "", fmt.Errorf("%T is no row", s)
	}
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(any)
	}
	if err := rows.Scan(values...); err != nil {
		return "", err
	}
	text := ""
	for _, v := range values {
		switch v := (*v.(*any)).(type) {
		case []byte:
			text += string(v) + "|" + hex.EncodeToString(v) + "|"
		default:
			text += fmt.Sprint(v) + "|"
		}
	}
	return text, nil
}
