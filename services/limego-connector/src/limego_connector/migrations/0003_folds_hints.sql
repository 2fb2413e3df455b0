-- migrate:up
-- One row per record and expectation, however often it was told: `told` counts. Null in rows of the version before, which
-- stores one for each telling. `webhook_at` is when a web hook told it last, `confirmed_at` when feed or walk did first.

ALTER TABLE hint
    ADD COLUMN told         integer,
    ADD COLUMN told_at      timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN webhook_at   timestamptz,
    ADD COLUMN confirmed_at timestamptz;
CREATE UNIQUE INDEX hint_once ON hint (connection_id, record_key, expects) WHERE told IS NOT NULL;
CREATE INDEX hint_contradicted ON hint (connection_id) WHERE contradicted > 0;

-- migrate:down
ALTER TABLE hint DROP COLUMN told, DROP COLUMN told_at, DROP COLUMN webhook_at, DROP COLUMN confirmed_at;
