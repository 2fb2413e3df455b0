-- migrate:up
-- Connections as the coordinator told them, and what this service knows of each one's Lime Go.

CREATE TABLE connection (
    connection_id         uuid PRIMARY KEY,
    version               bigint      NOT NULL,
    state                 text        NOT NULL,
    generation            integer     NOT NULL,
    limego_database       text        NOT NULL,
    activated_at          timestamptz NOT NULL,
    baseline_completed_at timestamptz
);

-- Apart from the connection: the key may come before the coordinator's message does.
CREATE TABLE credential (
    connection_id uuid PRIMARY KEY,
    sealed        bytea       NOT NULL,
    stored_at     timestamptz NOT NULL DEFAULT now()
);

-- The token of an address is never stored, only its hash. A row without subscription_id was being subscribed when the
-- process ended: its address may be in use, so it is still answered.
CREATE TABLE webhook (
    token_hash      bytea PRIMARY KEY,
    connection_id   uuid        NOT NULL,
    public_url      text        NOT NULL,
    subscription_id text,
    created_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX webhook_connection ON webhook (connection_id);

-- Something may have happened to a record: it must be read. Stored before a webhook is answered.
CREATE TABLE hint (
    hint_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection_id uuid        NOT NULL,
    record_key    text        NOT NULL,
    expects       text        NOT NULL CHECK (expects IN ('won', 'not_won', 'customer', 'anything')),
    source        text        NOT NULL CHECK (source IN ('webhook', 'feed', 'walk')),
    contradicted  integer     NOT NULL DEFAULT 0,
    failed        integer     NOT NULL DEFAULT 0,
    available_at  timestamptz NOT NULL DEFAULT now(),
    received_at   timestamptz NOT NULL DEFAULT now(),
    trace         text        NOT NULL DEFAULT ''
);
CREATE INDEX hint_due ON hint (connection_id, available_at);

-- Items of the feed that are stored as hints and that Lime Go still shows; at most a page or two per connection.
CREATE TABLE feed_item (
    connection_id uuid NOT NULL,
    position      text NOT NULL,
    PRIMARY KEY (connection_id, position)
);

-- Every deal that was ever looked at. baseline: was won when the connection began, and never triggers.
CREATE TABLE deal (
    connection_id uuid   NOT NULL,
    deal_id       bigint NOT NULL,
    state         text   NOT NULL CHECK (state IN ('open', 'baseline', 'won', 'reopened')),
    company_id    text,
    digest        text   NOT NULL DEFAULT '',
    version       bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (connection_id, deal_id)
);
CREATE INDEX deal_company ON deal (connection_id, company_id) WHERE state IN ('won', 'reopened');

CREATE TABLE company (
    connection_id uuid    NOT NULL,
    company_id    text    NOT NULL,
    is_baseline   boolean NOT NULL DEFAULT false,
    is_reported   boolean NOT NULL DEFAULT false,
    is_set_by_us  boolean NOT NULL DEFAULT false,
    digest        text    NOT NULL DEFAULT '',
    version       bigint  NOT NULL DEFAULT 0,
    listing_id    uuid,
    PRIMARY KEY (connection_id, company_id)
);
CREATE INDEX company_listing ON company (connection_id, listing_id) WHERE listing_id IS NOT NULL;

-- The one listing of all companies, and how far it has come: a page's rows and its cursor are stored together.
CREATE TABLE listing (
    connection_id    uuid PRIMARY KEY,
    listing_id       uuid        NOT NULL,
    round            integer     NOT NULL DEFAULT 1,
    round_started_at timestamptz NOT NULL DEFAULT now(),
    found_in_round   integer     NOT NULL DEFAULT 0,
    page_offset      integer     NOT NULL DEFAULT 0,
    seam             text[]      NOT NULL DEFAULT '{}',
    steps_back       integer     NOT NULL DEFAULT 0,
    started_at       timestamptz NOT NULL DEFAULT now(),
    completed_at     timestamptz
);

CREATE TABLE walk (
    walk_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    connection_id uuid             NOT NULL,
    kind          text             NOT NULL CHECK (kind IN ('baseline', 'deals')),
    ended_at      timestamptz      NOT NULL DEFAULT now(),
    deals         integer          NOT NULL,
    requests      integer          NOT NULL,
    seconds       double precision NOT NULL,
    hints         integer          NOT NULL
);
CREATE INDEX walk_connection ON walk (connection_id, walk_id DESC);

-- migrate:down
DROP TABLE walk, listing, company, deal, feed_item, hint, webhook, credential, connection;
