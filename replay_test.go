package main

import (
	"fmt"
	"strings"
	"testing"

	"clew/access"
	"clew/casework"
	"clew/db"
	"clew/db/dbtest"
	"clew/policy"
	"clew/seal"
)

// Whatever was changed behind the rooms' back is named by its case.
func TestReplayNamesWhatIsNotAsItWas(t *testing.T) {
	t.Parallel()
	dbtest.URLs(t, func(t *testing.T, url string) {
		ctx := t.Context()
		h, err := openHouse(ctx, Config{Data: t.TempDir(), Database: url, BaseURL: "https://leads.example.com", Storage: "中国大陆"}, seal.TestRing(t), nil, newLog(t.Output()))
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := h.close(); err != nil {
				t.Error(err)
			}
		}()
		made, _, err := h.addOperator(ctx, "测试", demoCategory, nil)
		if err != nil {
			t.Fatal(err)
		}
		// More than a page of cases, of which the last few were decided.
		for range replayPage {
			if _, _, err := h.casework.Report(ctx, access.Caller{Kind: access.KindStaff, ID: "s", Role: access.RoleInspector}, casework.NewReport{
				App: made.ID, Channel: "consumer_complaint", Reporter: casework.Reporter{Text: "要了手机号"},
			}); err != nil {
				t.Fatal(err)
			}
		}
		var files []casework.File
		for range 5 {
			f, err := decided(ctx, h, made.ID)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		look := func() (replayed, string) {
			var out strings.Builder
			v, err := replayCases(ctx, h.db, &out)
			if err != nil {
				t.Fatal(err)
			}
			return v, out.String()
		}
		if v, said := look(); v.faults != 0 || said != "" || v.cases != replayPage+5 || v.decisions != 5 {
			t.Fatalf("%+v: %s", v, said)
		}
		for i, change := range []string{
			"update case_file set body=replace(body, '\"priority\":1', '\"priority\":2') where id=$1",
			"update case_event set body=replace(body, 'a dialog on entry', 'nothing at all') where case_id=$1",
			"update case_event set body=replace(body, '\\\"points\\\":', '\\\"points\\\":1') where case_id=$1 and kind='proposed'",
			"delete from case_file where id=$1",
			"update case_event set kind='undone' where case_id=$1 and seq=2",
		} {
			if err := h.db.Write(ctx, func(tx *db.Tx) error {
				n, err := tx.Exec(ctx, change, files[i].ID)
				if err == nil && n == 0 {
					err = fmt.Errorf("%s changed nothing", change)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		v, said := look()
		for i, why := range []string{
			"what is shown is not what its events make", "what is shown is not what its events make",
			"decision " + files[2].Decisions[0].ID + ": its edition and facts give another outcome", "it has events and is not shown", "unknown kind",
		} {
			if !strings.Contains(said, "case "+files[i].ID+": ") || !strings.Contains(said, why) {
				t.Errorf("case %d is not named: %s", i, said)
			}
		}
		if v.faults != 6 || v.cases != replayPage+4 {
			t.Errorf("%+v: %s", v, said)
		}
		if policy.First().Hash() != files[0].Decisions[0].Edition {
			t.Error("decided by another edition")
		}
	})
}
