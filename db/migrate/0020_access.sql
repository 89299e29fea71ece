-- +goose Up
-- People, machines, and what they did. Platform staff have operator ''.
create table staff (
  operator text not null,
  id text not null,
  login text not null,          -- lower case, unique in the whole installation
  name text not null,
  role text not null,
  handle blob not null,         -- WebAuthn user handle: random, says nothing
  password text not null,       -- PHC string, '' when there is none
  totp blob,                    -- sealed seed, null when there is none
  created_at bigint not null,
  disabled_at bigint not null,  -- 0: may work
  primary key (operator, id)
);
create unique index staff_id on staff (id);
create unique index staff_login on staff (login);
create unique index staff_handle on staff (handle);

-- One-time-code steps already accepted; a step counts once.
create table totp_used (
  operator text not null,
  staff text not null,
  step bigint not null,         -- 30-second steps since 1970
  primary key (operator, staff, step),
  foreign key (operator, staff) references staff (operator, id)
);

create table recovery_code (
  operator text not null,
  staff text not null,
  tag blob not null,            -- keyed tag of the code
  used_at bigint not null,
  primary key (operator, staff, tag),
  foreign key (operator, staff) references staff (operator, id)
);

create table passkey (
  operator text not null,
  id text not null,
  staff text not null,
  name text not null,
  credential blob not null,     -- the id the authenticator gave
  record text not null,         -- JSON: public key and flags
  sign_count bigint not null,
  created_at bigint not null,
  used_at bigint not null,
  primary key (operator, id),
  foreign key (operator, staff) references staff (operator, id)
);
create unique index passkey_credential on passkey (credential);
create index passkey_staff on passkey (operator, staff);

create table session (
  operator text not null,
  id text not null,
  staff text not null,
  hash blob not null,           -- SHA-256 of the token
  method text not null,
  created_at bigint not null,
  authenticated_at bigint not null,
  seen_at bigint not null,
  expires_at bigint not null,
  primary key (operator, id),
  foreign key (operator, staff) references staff (operator, id)
);
create unique index session_hash on session (hash);
create index session_staff on session (operator, staff);

create table login_link (
  operator text not null,
  id text not null,
  staff text not null,
  hash blob not null,
  expires_at bigint not null,
  primary key (operator, id),
  foreign key (operator, staff) references staff (operator, id)
);
create unique index login_link_hash on login_link (hash);
create index login_link_staff on login_link (operator, staff);

-- What a sign-in or an enrolment needs between its two halves. Before sign-in
-- nobody's: operator and staff are ''.
create table ceremony (
  operator text not null,
  hash blob not null,
  staff text not null,
  kind text not null,
  data blob not null,           -- sealed
  expires_at bigint not null,
  primary key (operator, hash)
);
create index ceremony_expires on ceremony (expires_at);

-- Failed sign-ins by keyed tag of a name or an address, existing or not.
create table attempt (
  tag blob primary key,
  failures integer not null,
  last_at bigint not null,
  locked_until bigint not null
);

create table api_key (
  operator text not null,
  id text not null,
  name text not null,
  prefix text not null,
  hash blob not null,           -- SHA-256 of the key's text
  scopes text not null,
  test boolean not null,
  created_at bigint not null,
  created_by text not null,
  used_at bigint not null,
  revoked_at bigint not null,   -- 0: in force
  primary key (operator, id)
);
create unique index api_key_hash on api_key (hash);

-- Append only. The key order is the order of the list.
create table audit (
  operator text not null,
  at bigint not null,
  id text not null,
  caller_kind text not null,
  caller_id text not null,
  role text not null,
  act text not null,
  subject_kind text not null,
  subject_id text not null,
  reason text not null,
  outcome text not null,
  primary key (operator, at, id)
);
create index audit_subject on audit (operator, subject_kind, subject_id, at);
create index audit_caller on audit (operator, caller_id, at);
