-- migrate:up
-- What every slice needs to run: inbox, outbox, dead letters, lanes and their work.

CREATE TABLE inbox (
    consumer    text        NOT NULL,
    message_id  uuid        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
);
CREATE INDEX inbox_received ON inbox (received_at);

CREATE TABLE outbox (
    outbox_id  bigint GENERATED ALWAYS AS IDENTITY,
    message_id uuid        NOT NULL,
    topic      text        NOT NULL,
    key        text        NOT NULL,
    type       text        NOT NULL,
    body       text        NOT NULL,
    trace      text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at    timestamptz
) PARTITION BY RANGE (created_at);
CREATE INDEX outbox_unsent ON outbox (outbox_id) WHERE sent_at IS NULL;
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT;

CREATE TABLE dead_letter (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id  uuid,
    topic       text        NOT NULL,
    key         text        NOT NULL,
    type        text        NOT NULL,
    body        bytea,
    headers     jsonb       NOT NULL,
    state       text        NOT NULL CHECK (state IN ('waiting', 'dead', 'retried')),
    reason      text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    wait_until  timestamptz
);
CREATE INDEX dead_letter_open ON dead_letter (state) WHERE state <> 'retried';

CREATE TABLE lane (
    connection_id uuid PRIMARY KEY,
    holder        uuid,
    leased_until  timestamptz NOT NULL DEFAULT '-infinity'
);

CREATE TABLE work_item (
    command_id    uuid PRIMARY KEY,
    connection_id uuid        NOT NULL,
    record_key    text        NOT NULL,
    subject       text        NOT NULL,
    type          text        NOT NULL,
    body          text,
    priority      smallint    NOT NULL,
    sequence      bigint GENERATED ALWAYS AS IDENTITY,
    has_intent    boolean     NOT NULL DEFAULT false,
    attempts      integer     NOT NULL DEFAULT 0,
    available_at  timestamptz NOT NULL DEFAULT now(),
    created_at    timestamptz NOT NULL DEFAULT now(),
    finished_at   timestamptz,
    outcome_type  text,
    outcome       text,
    trace         text        NOT NULL DEFAULT ''
);
CREATE INDEX work_item_open ON work_item (connection_id, priority, sequence) WHERE finished_at IS NULL;
CREATE INDEX work_item_open_record ON work_item (connection_id, record_key, sequence) WHERE finished_at IS NULL;

CREATE SEQUENCE version_number;

-- migrate:down
DROP SEQUENCE version_number;
DROP TABLE work_item, lane, dead_letter, outbox, inbox;
