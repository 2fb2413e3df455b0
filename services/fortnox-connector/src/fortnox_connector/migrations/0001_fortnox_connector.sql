-- migrate:up
CREATE TABLE connection (
    connection_id   uuid PRIMARY KEY,
    version         bigint  NOT NULL,
    state           text    NOT NULL,
    generation      integer NOT NULL,
    fortnox_tenant  bigint  NOT NULL,
    limego_database text    NOT NULL,
    activated_at    timestamptz NOT NULL
);

CREATE TABLE token (
    connection_id uuid PRIMARY KEY REFERENCES connection,
    sealed        bytea       NOT NULL,
    expires_at    timestamptz NOT NULL
);

-- One row per thing that we make, kept for ever: the guard against a second foreign effect (flows.md, rule 1).
CREATE TABLE creation (
    connection_id uuid NOT NULL REFERENCES connection,
    business_key  text NOT NULL,
    intent_at     timestamptz NOT NULL,
    sent_at       timestamptz,
    looked_at     timestamptz,
    remote_id     text,
    made_at       timestamptz,
    PRIMARY KEY (connection_id, business_key)
);

CREATE TABLE cursor (
    connection_id uuid NOT NULL REFERENCES connection,
    resource      text NOT NULL,
    mark          timestamptz NOT NULL,
    first_page_at timestamptz,
    next_page     integer NOT NULL DEFAULT 1,
    PRIMARY KEY (connection_id, resource)
);

CREATE TABLE listing (
    connection_id uuid PRIMARY KEY REFERENCES connection,
    listing_id    uuid NOT NULL,
    next_page     integer NOT NULL DEFAULT 1,
    completed_at  timestamptz
);

CREATE TABLE listed (
    listing_id      uuid NOT NULL,
    customer_number text NOT NULL,
    PRIMARY KEY (listing_id, customer_number)
);

-- What was last read and told of each record. `slim` is the digest of its line in a list, `whole` of the record.
CREATE TABLE seen (
    connection_id uuid NOT NULL REFERENCES connection,
    resource      text NOT NULL,
    record_id     text NOT NULL,
    slim          text NOT NULL DEFAULT '',
    whole         text NOT NULL DEFAULT '',
    read_at       timestamptz NOT NULL,
    PRIMARY KEY (connection_id, resource, record_id)
);

-- migrate:down
DROP TABLE seen, listed, listing, cursor, creation, token, connection;
