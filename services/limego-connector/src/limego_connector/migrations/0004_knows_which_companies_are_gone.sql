-- migrate:up
-- Which companies Lime Go no longer has, and when each was last compared with what was reported of it.

ALTER TABLE company ADD COLUMN is_removed boolean NOT NULL DEFAULT false;
ALTER TABLE company ADD COLUMN scanned_at timestamptz;

-- migrate:down
ALTER TABLE company DROP COLUMN scanned_at;
ALTER TABLE company DROP COLUMN is_removed;
