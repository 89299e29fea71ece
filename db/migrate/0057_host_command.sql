-- +goose Up
-- The host answers by the command's id alone.
create index host_command_by_id on host_command (id);
