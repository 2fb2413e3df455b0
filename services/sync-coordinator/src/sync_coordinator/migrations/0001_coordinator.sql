-- migrate:up
-- What the coordinator owns: connections, links, records with their states and reasons, commands, what is shown in Lime Go.

CREATE TABLE connection (
    connection_id   uuid PRIMARY KEY,
    limego_database text        NOT NULL UNIQUE,
    fortnox_tenant  bigint      NOT NULL UNIQUE,
    state           text        NOT NULL CHECK (state IN ('active', 'paused')),
    generation      integer     NOT NULL,
    version         bigint      NOT NULL,
    plan            text        NOT NULL,
    settings        text        NOT NULL,
    activated_at    timestamptz NOT NULL
);

CREATE TABLE company (
    connection_id uuid   NOT NULL REFERENCES connection,
    company_id    text   NOT NULL,
    version       bigint NOT NULL,
    body          text   NOT NULL,
    PRIMARY KEY (connection_id, company_id)
);

-- A bijection: the two keys are the invariant I3.
CREATE TABLE link (
    connection_id   uuid        NOT NULL REFERENCES connection,
    company_id      text        NOT NULL,
    customer_number text        NOT NULL,
    rung            text        NOT NULL,
    linked_at       timestamptz NOT NULL,
    PRIMARY KEY (connection_id, company_id),
    UNIQUE (connection_id, customer_number)
);

-- One row per business key, for ever: the primary key is why a deal never makes a second document.
CREATE TABLE record (
    connection_id    uuid        NOT NULL REFERENCES connection,
    kind             text        NOT NULL CHECK (kind IN ('customer', 'invoice', 'company', 'erp_invoice', 'product')),
    record_key       text        NOT NULL,
    company_id       text        NOT NULL,
    state            text        NOT NULL CHECK (state IN (
                         'matching', 'waiting', 'held', 'sending', 'done', 'needs_attention', 'withdrawn')),
    reason           text        NOT NULL DEFAULT '',
    detail           text        NOT NULL DEFAULT '',
    candidates       text[]      NOT NULL DEFAULT '{}',
    remote_id        text,
    note             text        NOT NULL DEFAULT '',
    cause            text,
    deal             text,
    deal_version     bigint      NOT NULL DEFAULT 0,
    deal_at          timestamptz,
    decision_version bigint      NOT NULL DEFAULT 0,
    command_id       uuid,
    rounds           integer     NOT NULL DEFAULT 0,
    is_asked         boolean     NOT NULL DEFAULT false,
    is_released      boolean     NOT NULL DEFAULT false,
    is_reopened      boolean     NOT NULL DEFAULT false,
    content_digest   text        NOT NULL DEFAULT '',
    updated_at       timestamptz NOT NULL,
    recheck_at       timestamptz,
    PRIMARY KEY (connection_id, kind, record_key),
    CHECK (state NOT IN ('needs_attention', 'held', 'waiting') OR reason <> '')
);
CREATE INDEX record_of_company ON record (connection_id, company_id);
CREATE INDEX record_to_recheck ON record (recheck_at) WHERE recheck_at IS NOT NULL;
CREATE INDEX record_by_state ON record (state, updated_at DESC);
CREATE INDEX record_by_time ON record (updated_at DESC);

CREATE TABLE command (
    command_id    uuid PRIMARY KEY,
    connection_id uuid        NOT NULL REFERENCES connection,
    type          text        NOT NULL,
    kind          text        NOT NULL,
    record_key    text        NOT NULL,
    company_id    text        NOT NULL,
    body          text,
    trace         text        NOT NULL DEFAULT '',
    sent_at       timestamptz NOT NULL,
    resent_at     timestamptz,
    outcome       text,
    reason        text        NOT NULL DEFAULT '',
    finished_at   timestamptz
);
CREATE INDEX command_open ON command (sent_at) WHERE finished_at IS NULL;
CREATE INDEX command_open_reading ON command (connection_id, company_id) WHERE finished_at IS NULL AND kind = 'reading';
CREATE INDEX command_rate ON command (connection_id, sent_at) WHERE kind = 'invoice';
CREATE INDEX command_finished ON command (finished_at) WHERE body IS NOT NULL;

CREATE TABLE timeline (
    timeline_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection_id uuid        NOT NULL,
    kind          text        NOT NULL,
    record_key    text        NOT NULL,
    at            timestamptz NOT NULL,
    code          text        NOT NULL,
    params        jsonb       NOT NULL DEFAULT '{}',
    times         integer     NOT NULL DEFAULT 1
);
CREATE INDEX timeline_of_record ON timeline (connection_id, kind, record_key, timeline_id);

CREATE TABLE invoice (
    connection_id   uuid    NOT NULL REFERENCES connection,
    document_number text    NOT NULL,
    customer_number text    NOT NULL,
    version         bigint  NOT NULL,
    body            text    NOT NULL,
    overdue_after   date    NOT NULL,
    -- Of documents that stand: a cancelled one and a credit note are no second document.
    reference       text,
    shown_status    text,
    sent_digest     text,
    is_due          boolean NOT NULL DEFAULT false,
    PRIMARY KEY (connection_id, document_number)
);
CREATE INDEX invoice_of_reference ON invoice (connection_id, reference) WHERE reference <> '';
CREATE INDEX invoice_of_customer ON invoice (connection_id, customer_number);
CREATE INDEX invoice_turning_overdue ON invoice (overdue_after) WHERE shown_status = 'due';
CREATE INDEX invoice_to_send ON invoice (connection_id) WHERE is_due;

CREATE TABLE product (
    connection_id  uuid    NOT NULL REFERENCES connection,
    article_number text    NOT NULL,
    version        bigint  NOT NULL,
    body           text    NOT NULL,
    sent_digest    text,
    is_due         boolean NOT NULL DEFAULT false,
    PRIMARY KEY (connection_id, article_number)
);
CREATE INDEX product_to_send ON product (connection_id) WHERE is_due;

CREATE TABLE company_shown (
    connection_id uuid    NOT NULL REFERENCES connection,
    company_id    text    NOT NULL,
    sent_digest   text,
    is_due        boolean NOT NULL DEFAULT false,
    PRIMARY KEY (connection_id, company_id)
);
CREATE INDEX company_to_send ON company_shown (connection_id) WHERE is_due;

-- migrate:down
DROP TABLE company_shown, product, invoice, timeline, command, record, link, company, connection;
