-- migrate:up transaction:false
-- Built while the service writes to the table, so outside a transaction and alone in its file. If it fails it leaves an
-- invalid index: drop that, then migrate again.

CREATE INDEX CONCURRENTLY record_of_nobody ON record (connection_id) WHERE kind = 'customer' AND note = 'company_removed';

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY record_of_nobody;
