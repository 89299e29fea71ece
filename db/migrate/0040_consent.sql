-- +goose Up
-- The exact texts people were shown. A row never changes.
create table notice (
  operator text not null,
  component text not null,
  version integer not null,
  lang text not null,
  hash text not null,
  text text not null,
  created_at bigint not null,
  primary key (operator, component, version, lang)
);

-- One person's consent to one notice, and how it was shown to be theirs.
-- choices, gesture and form are JSON; gesture loses the viewport on erasure,
-- nothing else ever changes.
create table receipt (
  operator text not null,
  id text not null,
  number text not null,
  component text not null,
  component_version integer not null,
  notice_version integer not null,
  notice_hash text not null,
  lang text not null,
  edition text not null,
  lead text not null,
  choices text not null,
  gesture text not null,
  form text not null,
  at bigint not null,
  test boolean not null,
  primary key (operator, id)
);
-- Not unique: a unique index without the operator cannot be spread over machines.
create index receipt_number on receipt (number);

-- What became of a receipt: given, withdrawn, erased, copy_issued. Append-only.
create table receipt_event (
  operator text not null,
  receipt text not null,
  id text not null,
  kind text not null,
  at bigint not null,
  by_whom text not null,
  primary key (operator, receipt, id),
  foreign key (operator, receipt) references receipt (operator, id)
);

-- A sheet closed or declined. No address, no agent, nothing that leads to a person.
create table refusal (
  operator text not null,
  id text not null,
  component text not null,
  version integer not null,
  notice_hash text not null,
  lang text not null,
  stage text not null,
  gesture text not null,
  at bigint not null,
  test boolean not null,
  primary key (operator, id)
);
create index refusal_at on refusal (operator, component, at);
