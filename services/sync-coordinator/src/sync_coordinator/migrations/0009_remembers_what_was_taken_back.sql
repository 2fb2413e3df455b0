-- migrate:up
-- A create that was taken back is never sent again without its withdrawal: both may have been lost with Kafka.

ALTER TABLE command ADD COLUMN withdrawn_at timestamptz;
UPDATE command SET withdrawn_at = sent_at FROM record
WHERE command.finished_at IS NULL AND record.command_id = command.command_id AND record.is_reopened AND record.remote_id IS NULL;

-- migrate:down
ALTER TABLE command DROP COLUMN withdrawn_at;
