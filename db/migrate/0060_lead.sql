-- +goose Up
-- Answers are sealed; what stands in clear says nothing about a person.
create table lead (
  operator text not null,
  id text not null,
  component text not null,
  component_version integer not null,
  app text not null,
  receipt text not null,
  lang text not null,
  test boolean not null,
  verified boolean not null,
  -- the earlier lead of the same number inside the component's window; '' for none
  duplicate_of text not null,
  source_scene text not null,
  source_page text not null,
  sealed blob not null,
  state text not null,
  reason text not null,
  revision integer not null,
  created_at bigint not null,
  expires_at bigint not null,
  -- 0 while the consent stands; from then on nobody but the person reads it
  withdrawn_at bigint not null,
  erased_at bigint not null,
  primary key (operator, id)
);
create index lead_by_time on lead (operator, created_at, id);
create index lead_by_component on lead (operator, component, created_at, id);
create index lead_followed on lead (operator, state, created_at, id) where state <> 'new';
create index lead_expiring on lead (expires_at) where erased_at = 0;

-- The wrapped data key. Without this row the lead's answers are noise.
create table lead_key (
  operator text not null,
  lead text not null,
  epoch integer not null,
  wrapped blob not null,
  primary key (operator, lead)
);
create index lead_key_by_epoch on lead_key (epoch);

-- Blind index of the phone number, for duplicates and look-up.
create table lead_index (
  operator text not null,
  idx text not null,
  component text not null,
  lead text not null,
  created_at bigint not null,
  primary key (operator, idx, component, lead)
);
create index lead_index_by_lead on lead_index (operator, lead);

-- Idempotency: one answer per key.
create table lead_once (
  operator text not null,
  tag text not null,
  body_tag text not null,
  lead text not null,
  number text not null,
  test boolean not null,
  created_at bigint not null,
  primary key (operator, tag)
);
create index lead_once_by_time on lead_once (created_at);

create table lead_outcome (
  operator text not null,
  id text not null,
  lead text not null,
  state text not null,
  reason text not null,
  note text not null,
  by_kind text not null,
  by_id text not null,
  at bigint not null,
  primary key (operator, lead, id)
);

create table lead_export (
  operator text not null,
  id text not null,
  by_id text not null,
  reason text not null,
  revealed boolean not null,
  rows_written integer not null,
  at bigint not null,
  primary key (operator, id)
);
