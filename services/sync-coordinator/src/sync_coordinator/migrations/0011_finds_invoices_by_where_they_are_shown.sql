-- migrate:up transaction:false
-- Built while the service writes to the table, so outside a transaction and alone in its file. If it fails it leaves an
-- invalid index: drop that, then migrate again.

CREATE INDEX CONCURRENTLY invoice_shown ON invoice (connection_id, shown_company_id) WHERE shown_company_id IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY invoice_shown;
