-- +goose Up
-- What was seen, as it was seen. id is the SHA-256 of manifest, which names every part
-- by its SHA-256: a row that was changed no longer fits its name.
create table evidence_bundle (
  operator text not null,
  id text not null,
  app text not null,
  manifest text not null,
  by_kind text not null,
  by_id text not null,
  at bigint not null,
  primary key (operator, id)
);
create index evidence_bundle_id on evidence_bundle (id);
create index evidence_bundle_of_app on evidence_bundle (operator, app, at);

-- Equal bytes of one operator are kept once, whatever bundles name them.
create table evidence_part (
  operator text not null,
  sha256 text not null,
  bytes blob not null,
  at bigint not null,
  primary key (operator, sha256)
);
