-- migrate:up
-- A command whose write may be on its way cannot be ended, but what was decided since is kept beside it.

ALTER TABLE work_item ADD COLUMN replaced_by uuid;
CREATE INDEX work_item_open_subject ON work_item (connection_id, subject) WHERE finished_at IS NULL;

-- migrate:down
DROP INDEX work_item_open_subject;
ALTER TABLE work_item DROP COLUMN replaced_by;
