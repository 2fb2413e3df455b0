-- migrate:up
-- Since when a company has not been found: only a later reading that does not find it either says that it is gone.
-- `merged_into` is the company that Lime Go answers with in its place; null where it does not say.

ALTER TABLE company ADD COLUMN missing_since timestamptz, ADD COLUMN merged_into text;

-- migrate:down
ALTER TABLE company DROP COLUMN merged_into, DROP COLUMN missing_since;
