-- migrate:up
-- What was ever sent keeps its intent, whatever its commands are refused with later: a look begins at the first POST, and
-- looks for what the command of the last POST said, which may be an older one.

ALTER TABLE creation ADD COLUMN first_sent_at timestamptz, ADD COLUMN sent_by uuid;
UPDATE creation SET first_sent_at = sent_at WHERE sent_at IS NOT NULL;

-- migrate:down
ALTER TABLE creation DROP COLUMN sent_by, DROP COLUMN first_sent_at;
