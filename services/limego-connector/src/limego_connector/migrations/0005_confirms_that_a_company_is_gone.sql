-- migrate:up
-- Since when a company has not been found: only a later reading that does not find it either says that it is gone.

ALTER TABLE company ADD COLUMN missing_since timestamptz;
CREATE INDEX company_missing ON company (connection_id, missing_since) WHERE missing_since IS NOT NULL AND NOT is_removed;

-- migrate:down
DROP INDEX company_missing;
ALTER TABLE company DROP COLUMN missing_since;
