-- migrate:up
-- When a person last ended a pause: the connectors need it to tell what happened before from what happened since.

ALTER TABLE connection ADD COLUMN resumed_at timestamptz;

-- migrate:down
ALTER TABLE connection DROP COLUMN resumed_at;
