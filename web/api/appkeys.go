package api

import (
	"context"
	"net/http"
	"time"

	"clew/access"
	"clew/app"
	"clew/db"

	"github.com/danielgtaylor/huma/v2"
)

// AppKey is an app's public key.
type AppKey struct {
	Version     int        `json:"version" doc:"counts from 1"`
	Bits        int        `json:"bits"`
	Fingerprint string     `json:"fingerprint" doc:"SHA-256 of the SubjectPublicKeyInfo, hexadecimal"`
	AddedAt     time.Time  `json:"added_at"`
	RetiresAt   *time.Time `json:"retires_at,omitempty" doc:"of a key that was replaced: until then it is listed"`
}

func (a *API) appKeyRoutes(h huma.API) {
	tags := []string{"apps"}
	keyed(a, h, huma.Operation{
		OperationID: "list-app-keys", Method: http.MethodGet, Path: "/v1/apps/{id}/public-keys", Tags: tags,
		Summary: "The public key under which numbers are encrypted for an app, and those it replaced lately", Errors: []int{404},
	}, a.listAppKeys)
	keyed(a, h, huma.Operation{
		OperationID: "add-app-key", Method: http.MethodPost, Path: "/v1/apps/{id}/public-keys", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Give an app an RSA public key; it is used at once", Errors: []int{404},
	}, a.addAppKey)
}

type listAppKeysOutput struct {
	Body struct {
		Keys []AppKey `json:"keys" nullable:"false" doc:"the one in use first"`
	}
}

type addAppKeyInput struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Key string `json:"public_key" maxLength:"16384" doc:"PEM or its base64, PKCS#1 or SubjectPublicKeyInfo"`
	}
}

type appKeyOutput struct{ Body AppKey }

func (a *API) listAppKeys(ctx context.Context, c access.Caller, in *struct {
	ID string `path:"id" maxLength:"64"`
},
) (*listAppKeysOutput, error) {
	if err := a.Access.Check(ctx, c, access.AppRead, access.Subject{Kind: "app", ID: in.ID}); err != nil {
		return nil, err
	}
	out := &listAppKeysOutput{}
	out.Body.Keys = []AppKey{}
	err := a.DB.Read(ctx, func(tx *db.Tx) error {
		if _, err := app.Get(ctx, tx, c.Operator, in.ID); err != nil {
			return err
		}
		keys, err := app.Keys(ctx, tx, c.Operator, in.ID)
		for _, k := range keys {
			out.Body.Keys = append(out.Body.Keys, showKey(k))
		}
		return err
	})
	return out, err
}

func (a *API) addAppKey(ctx context.Context, c access.Caller, in *addAppKeyInput) (*appKeyOutput, error) {
	k, err := a.Apps.AddKey(ctx, c, in.ID, in.Body.Key)
	return &appKeyOutput{showKey(k)}, err
}

func showKey(k app.Key) AppKey {
	out := AppKey{Version: k.Version, Bits: k.Bits, Fingerprint: k.Fingerprint, AddedAt: k.Added}
	if !k.Retires.IsZero() {
		out.RetiresAt = &k.Retires
	}
	return out
}
