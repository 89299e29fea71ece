-- +goose Up
-- Appeals as the desk lists them; computed from case_event.
create table case_appeal (
  operator text not null,
  id text not null,
  case_id text not null,
  app text not null,
  state text not null,
  closed boolean not null,
  reviewer text not null,
  due_at bigint not null,
  primary key (operator, id)
);
create index case_appeal_due on case_appeal (closed, due_at, id);

-- The newest decisions, for what an edition would have changed.
create index case_decision_newest on case_decision (effective_at);
