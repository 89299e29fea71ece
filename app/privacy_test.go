package app_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"clew/access"
	"clew/app"
	"clew/db"
)

func TestPrivacySetting(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		get := func() (p app.Privacy) {
			read(t, r, func(ctx context.Context, tx *db.Tx) (err error) {
				p, err = app.GetPrivacy(ctx, tx, operator, a.ID)
				return err
			})
			return p
		}
		if p := get(); p.Configured || p.Contact() || p.Declares(app.ItemPhone) {
			t.Errorf("before: %+v", p)
		}
		want := app.Privacy{
			Configured: true, ContactWay: 1, Email: "privacy@example.com", LandLine: "010-0000 0000",
			Items: []app.PrivacyItem{{app.ItemPhone, "用于回电介绍服务"}, {77, "平台自定义的一项"}},
		}
		if err := r.SetPrivacy(t.Context(), owner(operator), a.ID, want); err != nil {
			t.Fatal(err)
		}
		if p := get(); !reflect.DeepEqual(p, want) || !p.Contact() || !p.Declares(app.ItemPhone) || p.Declares(app.ItemName) {
			t.Errorf("%+v", p)
		}
		want.Configured, want.Items = false, []app.PrivacyItem{}
		if err := r.SetPrivacy(t.Context(), owner(operator), a.ID, want); err != nil {
			t.Fatal(err)
		}
		if p := get(); p.Contact() || p.Declares(app.ItemPhone) {
			t.Errorf("taken back: %+v", p)
		}
		if err := r.SetPrivacy(t.Context(), owner("op_other"), a.ID, want); !errors.Is(err, app.ErrUnknown) {
			t.Errorf("another operator: %v", err)
		}
		var denied *access.Denied
		if err := r.SetPrivacy(t.Context(), admin, a.ID, want); !errors.As(err, &denied) {
			t.Errorf("the platform: %v", err)
		}
	})
}

func TestBadPrivacySettings(t *testing.T) {
	each(t, func(t *testing.T, r *app.Room, operator string) {
		a, _, err := create(t, r, operator)
		if err != nil {
			t.Fatal(err)
		}
		items := []app.PrivacyItem{{1, "用于回电"}}
		for name, c := range map[string]struct {
			p    app.Privacy
			want []string
		}{
			"nothing":        {app.Privacy{Configured: true}, []string{"contact missing", "items missing"}},
			"no contact":     {app.Privacy{Configured: true, Items: items}, []string{"contact missing"}},
			"way":            {app.Privacy{ContactWay: 4}, []string{"contact_way range"}},
			"e-mail":         {app.Privacy{Configured: true, Email: "a b@example", Items: items}, []string{"email shape"}},
			"e-mail, named":  {app.Privacy{Configured: true, Email: "X <x@example.com>", Items: items}, []string{"email shape"}},
			"phone":          {app.Privacy{Configured: true, Phone: "call me", Items: items}, []string{"phone shape"}},
			"land line":      {app.Privacy{Configured: true, LandLine: "12", Items: items}, []string{"land_line shape"}},
			"item":           {app.Privacy{Configured: true, Email: "x@example.com", Items: []app.PrivacyItem{{0, "用途说明"}}}, []string{"items.0 id"}},
			"item twice":     {app.Privacy{Configured: true, Email: "x@example.com", Items: []app.PrivacyItem{{1, "用途说明"}, {1, "又一个用途"}}}, []string{"items.1 twice"}},
			"no purpose":     {app.Privacy{Configured: true, Email: "x@example.com", Items: []app.PrivacyItem{{1, "  "}}}, []string{"items.0 desc"}},
			"long purpose":   {app.Privacy{Configured: true, Email: "x@example.com", Items: []app.PrivacyItem{{1, strings.Repeat("长", 201)}}}, []string{"items.0 desc"}},
			"broken purpose": {app.Privacy{Configured: true, Email: "x@example.com", Items: []app.PrivacyItem{{1, "a\nb"}}}, []string{"items.0 desc"}},
			"too many":       {app.Privacy{Items: make([]app.PrivacyItem, 51)}, nil},
		} {
			var bad *app.BadPrivacy
			if err := r.SetPrivacy(t.Context(), owner(operator), a.ID, c.p); !errors.As(err, &bad) {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var got []string
			for _, p := range bad.Problems {
				got = append(got, p.Field+" "+p.Code)
			}
			if c.want != nil && !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	})
}
