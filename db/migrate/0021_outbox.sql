-- +goose Up
-- Room outbox. A claim moves due_at to the end of its lease, so a message whose
-- holder died falls due again by itself; state is waiting, done or dead.
create table outbox (
  operator text not null,
  id text not null,
  kind text not null,
  subject text not null,
  body text not null,
  state text not null,
  attempt integer not null,
  created_at bigint not null,
  due_at bigint not null,
  done_at bigint,
  error text not null,
  primary key (operator, id)
);
create index outbox_waiting on outbox (operator, due_at) where state = 'waiting';
create index outbox_dead on outbox (operator, id) where state = 'dead';
create index outbox_done on outbox (done_at) where state = 'done';
