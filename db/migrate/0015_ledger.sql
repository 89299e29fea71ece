-- +goose Up
-- One row per act, written in the act's own transaction. idx is its place in the
-- tree, null until the sequencer gives it one. record and salt are emptied when
-- what they tell must be erased; leaf never changes.
create table ledger_entry (
  operator text not null,
  id text not null,
  at bigint not null,
  kind text not null,
  subject text not null,
  record text not null,
  salt blob not null,
  leaf blob not null,
  idx bigint,
  primary key (operator, id)
);
create unique index ledger_entry_by_idx on ledger_entry (idx);
create index ledger_entry_waiting on ledger_entry (id) where idx is null;
create index ledger_entry_by_subject on ledger_entry (operator, subject);

-- Hashes of the tree in the order of golang.org/x/mod/sumdb/tlog.
create table ledger_hash (
  pos bigint primary key,
  hash blob not null
);

-- The tree's size; its one row is the sequencer's lock.
create table ledger_head (
  one integer primary key check (one = 1),
  origin text not null,
  size bigint not null
);

create table ledger_checkpoint (
  size bigint primary key,
  at bigint not null,
  note text not null
);

-- Public halves of the keys that have signed. retired is 0 while a key signs.
create table ledger_key (
  number integer primary key,
  verifier text not null,
  since_size bigint not null,
  at bigint not null,
  retired bigint not null
);
