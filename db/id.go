package db

import (
	"encoding/base32"

	"github.com/google/uuid"
)

// idText is Crockford's alphabet in lower case: no i, l, o or u, and in the same
// order as the bytes, so ids sort by the time they were made.
var idText = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes a sortable id, "lead_" and 26 characters for kind "lead": a UUIDv7
// (RFC 9562 5.7), in order within one process.
func NewID(kind string) string {
	u, err := uuid.NewV7()
	if err != nil {
		panic(err) // the operating system has no randomness; nothing sound can follow
	}
	return kind + "_" + idText.EncodeToString(u[:])
}
