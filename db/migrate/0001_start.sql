-- +goose Up
-- Each room's tables stand in a file of their own, numbered by floor. Types used:
-- text, bigint (milliseconds), integer, boolean, blob. Nothing else is portable.
create table installation (
  key text primary key,
  value text not null
);
