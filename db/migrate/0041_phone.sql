-- +goose Up
-- One code sent to one number. number is a blind index (seal.Ring.Index), code and
-- address are keyed tags: nothing here can be turned back without the key ring.
create table phone_code (
  operator text not null,
  id text not null,
  component text not null,
  number text not null,
  code blob not null,
  address blob not null,
  consent_hash text not null,
  puzzle text,
  tries integer not null,
  sent_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  failed boolean not null,
  -- nothing was sent: somebody else asked for this number's code a moment ago, and
  -- whoever asks now must not learn that
  decoy boolean not null,
  primary key (operator, id)
);
-- A solved puzzle pays for one code. Null (script off) may repeat.
create unique index phone_code_puzzle on phone_code (operator, puzzle);
create index phone_code_number on phone_code (operator, number, sent_at);
create index phone_code_sent on phone_code (operator, sent_at);
create index phone_code_expires on phone_code (expires_at);

-- How often something happened in the window that began at window_start.
create table phone_cap (
  operator text not null,
  scope text not null,
  key text not null,
  window_start bigint not null,
  window_end bigint not null,
  count bigint not null,
  primary key (operator, scope, key)
);
create index phone_cap_end on phone_cap (window_end);
