-- migrate:up transaction:false
-- Built while the service writes to the table, so outside a transaction and alone in its file. If it fails it leaves an
-- invalid index: drop that, then migrate again.

CREATE INDEX CONCURRENTLY company_missing ON company (connection_id, missing_since)
    WHERE missing_since IS NOT NULL AND NOT is_removed;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY company_missing;
