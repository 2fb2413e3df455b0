-- migrate:up
-- When the coordinator last resumed the connection, and when what was won meanwhile had been looked for (decision 0014).

ALTER TABLE connection ADD COLUMN resumed_at timestamptz, ADD COLUMN caught_up_at timestamptz;

-- migrate:down
ALTER TABLE connection DROP COLUMN resumed_at, DROP COLUMN caught_up_at;
