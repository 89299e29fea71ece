-- +goose Up
-- The key of a day (UTC+8), sealed: visitors are told apart by a hash under it. It
-- goes with the day's late window, and with it the way back to any visitor.
create table funnel_key (
  day integer primary key,
  sealed blob not null
);

-- Ids of events that were counted, as 16 bytes of a hash, for as long as the same
-- event could come again.
create table funnel_seen (
  operator text not null,
  tag blob not null,
  primary key (operator, tag)
);

-- The append log: what one commit took in, packed. It goes when none of its events
-- could be counted any more; what they add up to stays.
create table funnel_batch (
  operator text not null,
  id text not null,
  events blob not null,
  first_at bigint not null,
  last_at bigint not null,
  folded boolean not null,
  primary key (operator, id)
);
create index funnel_batch_waiting on funnel_batch (operator, id) where folded = false;
create index funnel_batch_done on funnel_batch (last_at) where folded = true;

-- The counts: PV and UV of each kind, packed (funnel/tally.go), since reports read
-- hundreds of rows and never one number of them. scope is a component, or '' for the
-- whole app; face says what key is: '' all or hour nothing, 'scene', 'room' and so on.
create table funnel_count (
  operator text not null,
  face text not null,
  app text not null,
  scope text not null,
  day integer not null,
  hour integer not null,
  slot text not null,
  counts blob not null,
  primary key (operator, face, app, scope, day, hour, slot)
);

-- What distinct visitors are counted with until the day is closed.
create table funnel_sketch (
  operator text not null,
  day integer not null,
  face text not null,
  app text not null,
  scope text not null,
  hour integer not null,
  slot text not null,
  sketches blob not null,
  primary key (operator, day, face, app, scope, hour, slot)
);

-- Which components have counts.
create table funnel_component (
  operator text not null,
  app text not null,
  component text not null,
  primary key (operator, app, component)
);

-- Shows and valid leads where rankings learn from (floor of distribution).
create table funnel_market (
  operator text not null,
  component text not null,
  day integer not null,
  scene text not null,
  region text not null,
  shows bigint not null,
  valid bigint not null,
  primary key (operator, component, day, scene, region)
);
create index funnel_market_by_day on funnel_market (day);

-- A lead as far as it counts: how far it has come (stage) and how far the counts
-- know it (counted). Goes when an outcome can no longer change that.
create table funnel_lead (
  operator text not null,
  day integer not null,
  lead text not null,
  hour integer not null,
  app text not null,
  component text not null,
  scene text not null,
  room text not null,
  video text not null,
  promotion text not null,
  region text not null,
  -- the first lead of the same person in the app that day; the lead itself mostly
  first text not null,
  verified boolean not null,
  duplicate boolean not null,
  withdrawn boolean not null,
  state text not null,
  reason text not null,
  created_at bigint not null,
  stage integer not null,
  counted integer not null,
  primary key (operator, day, lead)
);
create index funnel_lead_waiting on funnel_lead (operator, day, lead) where counted <> stage;

-- Later leads of a person who left one before on the day; few.
create table funnel_same (
  operator text not null,
  day integer not null,
  first text not null,
  lead text not null,
  primary key (operator, day, first, lead)
);

-- What makes a lead valid, by the day from which on it says so.
create table funnel_policy (
  operator text not null,
  id text not null,
  from_at bigint not null,
  rule text not null,
  reason text not null,
  by_id text not null,
  at bigint not null,
  primary key (operator, id)
);

-- One folder at a time, and how far days are closed.
create table funnel_turn (
  operator text primary key,
  closed integer not null
);
