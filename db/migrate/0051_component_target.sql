-- +goose Up
-- Where and for which categories a component is placed. regions, categories and
-- pages are JSON lists. activated_at is 0 until the first real report, deleted_at
-- until it is deleted.
create table component_target (
  operator text not null,
  config_id text not null,
  app text not null,
  component text not null,
  name text not null,
  regions text not null,
  categories text not null,
  pages text not null,
  activated_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  updated_by text not null,
  deleted_at bigint not null,
  primary key (operator, config_id)
);
-- Wires know the config_id alone.
create index component_target_id on component_target (config_id);
create index component_target_component on component_target (operator, component);
create index component_target_app on component_target (operator, app);
