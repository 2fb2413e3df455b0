-- migrate:up
-- Which companies Lime Go no longer has, and when each was last compared with what was reported of it.

ALTER TABLE company ADD COLUMN is_removed boolean NOT NULL DEFAULT false;
ALTER TABLE company ADD COLUMN scanned_at timestamptz;
CREATE INDEX company_to_scan ON company (connection_id, scanned_at NULLS FIRST) WHERE NOT is_removed;

-- migrate:down
DROP INDEX company_to_scan;
ALTER TABLE company DROP COLUMN scanned_at;
ALTER TABLE company DROP COLUMN is_removed;
