-- +goose Up
-- What an app's own server may do with the app's secret. No row: read and write.
create table app_scope (
  operator text not null,
  app text not null,
  scopes text not null,         -- names joined by commas, '' for none
  at bigint not null,
  primary key (operator, app)
);
