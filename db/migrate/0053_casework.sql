-- +goose Up
-- What a case is made of. Rows are added and never changed; case_file is computed
-- from them.
create table case_event (
  operator text not null,
  case_id text not null,
  seq integer not null,
  kind text not null,
  body text not null,
  by_kind text not null,
  by_id text not null,
  at bigint not null,
  primary key (operator, case_id, seq)
);

create table case_file (
  operator text not null,
  id text not null,
  app text not null,
  component text not null,
  state text not null,
  ended boolean not null,
  assignee text not null,
  priority integer not null,
  channel text not null,
  -- the largest number there is when nothing presses
  due_at bigint not null,
  version integer not null,
  opened_at bigint not null,
  updated_at bigint not null,
  body text not null,
  primary key (operator, id)
);
create index case_file_queue on case_file (ended, due_at, id);
create index case_file_by_state on case_file (ended, state, due_at, id);
create index case_file_by_assignee on case_file (ended, assignee, due_at, id);
create index case_file_of_operator on case_file (operator, ended, due_at, id);
create index case_file_id on case_file (id);

-- Which case a fingerprint belongs to, so that the same breach joins the open one.
create table case_fingerprint (
  operator text not null,
  app text not null,
  fingerprint text not null,
  case_id text not null,
  ended boolean not null,
  primary key (operator, app, fingerprint, case_id)
);

-- Decisions that took effect, for counting repetitions.
create table case_decision (
  operator text not null,
  app text not null,
  id text not null,
  case_id text not null,
  severity text not null,
  effective_at bigint not null,
  reversed boolean not null,
  primary key (operator, app, id)
);

create table case_measure (
  operator text not null,
  id text not null,
  case_id text not null,
  app text not null,
  kind text not null,
  state text not null,
  running boolean not null,
  starts_at bigint not null,
  ends_at bigint not null,
  capture_at bigint not null,
  primary key (operator, id)
);
create index case_measure_ending on case_measure (running, ends_at);

-- What other systems were told to do, and their first answer.
create table host_command (
  operator text not null,
  id text not null,
  case_id text not null,
  measure text not null,
  verb text not null,
  body text not null,
  done boolean not null,
  answered_at bigint not null,
  at bigint not null,
  primary key (operator, id)
);

-- The public register. Entries are marked, never deleted.
create table register_entry (
  operator text not null,
  id text not null,
  measure text not null,
  app text not null,
  state text not null check (state in ('active', 'ended', 'withdrawn')),
  body text not null,
  published_at bigint not null,
  changed_at bigint not null,
  primary key (operator, id)
);
create index register_entry_newest on register_entry (id);
create index register_entry_by_measure on register_entry (operator, measure);

-- What came in by the eight channels. sealed holds who reports and what they wrote;
-- reporter is a keyed tag of the contact.
create table report (
  operator text not null,
  id text not null,
  number text not null,
  key_hash blob not null,
  app text not null,
  component text not null,
  channel text not null,
  verified boolean not null,
  proof text not null,
  sealed blob not null,
  reporter text not null,
  case_id text not null,
  received_at bigint not null,
  due_at bigint not null,
  outcome text not null,
  outcome_text text not null,
  told_at bigint not null,
  primary key (operator, id)
);
create index report_by_number on report (number);
create index report_by_case on report (operator, case_id);
create index report_by_reporter on report (reporter);
create index report_id on report (id);
