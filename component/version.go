package component

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	stdjson "encoding/json"

	"clew/db"
)

// Version is a definition as it was published. Nothing changes it.
type Version struct {
	Operator, Component, App string
	Number                   int    // from 1; also the version of its notices
	Edition                  string // of the norm that judged it
	Definition               Definition
	PublishedAt              time.Time
	PublishedBy              string // id of the caller
}

const versionColumns = "v.operator, v.component, v.number, v.app, v.edition, v.definition, v.published_at, v.published_by"

func scanVersion(s db.Scanner) (Version, error) {
	var v Version
	var text string
	var at int64
	if err := s.Scan(&v.Operator, &v.Component, &v.Number, &v.App, &v.Edition, &text, &at, &v.PublishedBy); err != nil {
		return v, err
	}
	v.PublishedAt = time.UnixMilli(at).UTC()
	var err error
	if v.Definition, err = stored(text); err != nil {
		return v, fmt.Errorf("version %d of component %s: %w", v.Number, v.Component, err)
	}
	return v, nil
}

// stored reads what [Definition.Encode] wrote. It is not strict: a version frozen
// by an earlier program must stay readable when a member has gone.
func stored(text string) (d Definition, err error) {
	return d, stdjson.Unmarshal([]byte(text), &d)
}

// Live is the version of a component that people can open now: [ErrUnknown],
// [ErrUnpublished]. It asks no caller: what is published is public.
func Live(ctx context.Context, tx *db.Tx, component string) (*Version, error) {
	all, err := LiveMany(ctx, tx, []string{component})
	if err != nil {
		return nil, err
	}
	if v := all[component]; v != nil {
		return v, nil
	}
	if _, err := OperatorOf(ctx, tx, component); err != nil {
		return nil, err
	}
	return nil, ErrUnpublished
}

// LiveMany is [Live] for several components; what is unknown or unpublished is
// left out.
func LiveMany(ctx context.Context, tx *db.Tx, ids []string) (map[string]*Version, error) {
	out := map[string]*Version{}
	for chunk := range slices.Chunk(ids, maxIn) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		all, err := db.Collect(ctx, tx, scanVersion, "select "+versionColumns+` from component c
			join component_version v on v.operator=c.operator and v.component=c.id and v.number=c.live
			where c.id in `+db.In(1, len(args)), args...)
		if err != nil {
			return nil, err
		}
		for _, v := range all {
			out[v.Component] = &v
		}
	}
	return out, nil
}

// maxIn bounds the list of one statement.
const maxIn = 500

// LiveNumbers says, for each of an operator's components that is published, the
// number of the version people can open. It reads no definition.
func LiveNumbers(ctx context.Context, tx *db.Tx, operator string, ids []string) (map[string]int, error) {
	type pair struct {
		id     string
		number int
	}
	out := map[string]int{}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	for chunk := range slices.Chunk(ids, maxIn) {
		args := []any{operator}
		for _, id := range chunk {
			args = append(args, id)
		}
		all, err := db.Collect(ctx, tx, func(s db.Scanner) (p pair, err error) { return p, s.Scan(&p.id, &p.number) },
			"select id, live from component where operator=$1 and live>0 and id in "+db.In(2, len(chunk)), args...)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			out[p.id] = p.number
		}
	}
	return out, nil
}

// ByNumber is one published version, live or not; [ErrUnknown].
func ByNumber(ctx context.Context, tx *db.Tx, operator, component string, number int) (*Version, error) {
	v, err := db.One(ctx, tx, scanVersion, "select "+versionColumns+
		" from component_version v where v.operator=$1 and v.component=$2 and v.number=$3", operator, component, number)
	if errors.Is(err, db.ErrNone) {
		return nil, ErrUnknown
	}
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// OperatorOf says whose component it is; [ErrUnknown].
func OperatorOf(ctx context.Context, tx *db.Tx, component string) (string, error) {
	operator, err := db.One(ctx, tx, func(s db.Scanner) (string, error) { var v string; return v, s.Scan(&v) },
		"select operator from component where id=$1", component)
	if errors.Is(err, db.ErrNone) {
		return "", ErrUnknown
	}
	return operator, err
}

// FieldIDs is every field id that any published version has had, in the order in
// which they first appeared; of all the operator's components when component is empty.
func FieldIDs(ctx context.Context, tx *db.Tx, operator, component string) ([]string, error) {
	query, args := "select definition from component_version where operator=$1", []any{operator}
	if component != "" {
		query, args = query+" and component=$2", append(args, component)
	}
	all, err := db.Collect(ctx, tx, func(s db.Scanner) (Definition, error) {
		var text string
		if err := s.Scan(&text); err != nil {
			return Definition{}, err
		}
		return stored(text)
	}, query+" order by component, number", args...)
	if err != nil {
		return nil, err
	}
	var ids []string
	seen := map[string]bool{}
	for _, d := range all {
		for _, f := range d.Fields {
			if !seen[f.ID] {
				seen[f.ID] = true
				ids = append(ids, f.ID)
			}
		}
	}
	return ids, nil
}
