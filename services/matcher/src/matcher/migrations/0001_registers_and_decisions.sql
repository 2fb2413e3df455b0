-- migrate:up
-- Who is in either register, which companies wait for a decision, and what was decided.

CREATE TABLE connection (
    connection_id    uuid    PRIMARY KEY,
    version          bigint  NOT NULL,
    companies_listed boolean NOT NULL DEFAULT false,
    customers_listed boolean NOT NULL DEFAULT false
);

-- `company` is json and not jsonb: it is only handed on, and jsonb refuses a NUL that somebody's name may hold.
CREATE TABLE company_identity (
    connection_id              uuid   NOT NULL,
    company_id                 text   NOT NULL,
    organisation_number_normal text,
    number_state               text   NOT NULL CHECK (number_state IN ('valid', 'missing', 'invalid')),
    version                    bigint NOT NULL,
    company                    json   NOT NULL,
    PRIMARY KEY (connection_id, company_id),
    CHECK ((number_state = 'valid') = (organisation_number_normal IS NOT NULL))
);
CREATE INDEX company_identity_number ON company_identity (connection_id, organisation_number_normal);

CREATE TABLE customer_identity (
    connection_id              uuid   NOT NULL,
    customer_number            text   NOT NULL,
    organisation_number_normal text,
    active                     boolean,
    version                    bigint NOT NULL,
    PRIMARY KEY (connection_id, customer_number)
);
CREATE INDEX customer_identity_number ON customer_identity (connection_id, organisation_number_normal);

-- `seen` counts the distinct ids stored; `expected` comes with the listing's completion, which may overtake its items.
CREATE TABLE listing (
    listing_id    uuid PRIMARY KEY,
    connection_id uuid    NOT NULL,
    kind          text    NOT NULL CHECK (kind IN ('company', 'customer')),
    seen          integer NOT NULL DEFAULT 0,
    expected      integer
);
CREATE INDEX listing_connection ON listing (connection_id);

CREATE TABLE listing_member (
    listing_id uuid NOT NULL,
    member_id  text NOT NULL,
    PRIMARY KEY (listing_id, member_id)
);

-- A company that became a client. It stays open: what is decided may have to be decided again.
CREATE TABLE request (
    connection_id uuid NOT NULL,
    company_id    text NOT NULL,
    opened_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (connection_id, company_id)
);

-- The newest decision, and what the company was last settled as (matched, or free to be created) under which number.
CREATE TABLE decision (
    connection_id           uuid   NOT NULL,
    company_id              text   NOT NULL,
    version                 bigint NOT NULL,
    kind                    text   NOT NULL CHECK (kind IN ('matched', 'not_found', 'review')),
    customer_number         text,
    rung                    text,
    reason                  text,
    candidates              jsonb  NOT NULL DEFAULT '[]',
    settled_number          text,
    settled_customer_number text,
    settled_rung            text,
    decided_at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (connection_id, company_id),
    CHECK ((kind = 'matched') = (customer_number IS NOT NULL)),
    CHECK ((kind = 'review') = (reason IS NOT NULL))
);
-- A customer belongs to one company of its connection, for ever.
CREATE UNIQUE INDEX decision_customer ON decision (connection_id, settled_customer_number);

-- The permission to create a customer with this number. Never deleted: it is the guard against a second one.
CREATE TABLE number_claim (
    connection_id              uuid NOT NULL,
    organisation_number_normal text NOT NULL,
    company_id                 text NOT NULL,
    claimed_at                 timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (connection_id, organisation_number_normal)
);

-- migrate:down
DROP TABLE number_claim, decision, request, listing_member, listing, customer_identity, company_identity, connection;
