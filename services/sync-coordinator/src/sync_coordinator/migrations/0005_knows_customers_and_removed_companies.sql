-- migrate:up
-- What a link is judged by: the customers of Fortnox as a person recognises them, and companies that Lime Go no longer has.

-- version 0: a person typed the number and it is being looked up; is_missing: Fortnox answered that there is none.
CREATE TABLE customer (
    connection_id       uuid    NOT NULL REFERENCES connection,
    customer_number     text    NOT NULL,
    version             bigint  NOT NULL,
    name                text    NOT NULL DEFAULT '',
    organisation_number text,
    city                text,
    active              boolean,
    is_missing          boolean NOT NULL DEFAULT false,
    asked_at            timestamptz,
    PRIMARY KEY (connection_id, customer_number)
);

ALTER TABLE company ADD COLUMN removed_at timestamptz, ADD COLUMN merged_into text;

-- The company's and the customer's number when a person said that they belong together: "same customer" stays said.
ALTER TABLE link ADD COLUMN confirmed_numbers text NOT NULL DEFAULT '';

-- migrate:down
ALTER TABLE link DROP COLUMN confirmed_numbers;
ALTER TABLE company DROP COLUMN removed_at, DROP COLUMN merged_into;
DROP TABLE customer;
