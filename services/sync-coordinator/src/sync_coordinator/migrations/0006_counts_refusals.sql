-- migrate:up
-- Why a remote system said no to a record the last time, and how often in a row: the pauses before the next try grow with it.

ALTER TABLE record ADD COLUMN refused_for text NOT NULL DEFAULT '', ADD COLUMN refusals integer NOT NULL DEFAULT 0;
CREATE INDEX record_refused ON record (connection_id, refused_for) WHERE refused_for <> '';

-- migrate:down
ALTER TABLE record DROP COLUMN refused_for, DROP COLUMN refusals;
