-- migrate:up
-- A create that was taken back is never sent again without its withdrawal: both may have been lost with Kafka.

ALTER TABLE command ADD COLUMN withdrawn_at timestamptz;

-- migrate:down
ALTER TABLE command DROP COLUMN withdrawn_at;
