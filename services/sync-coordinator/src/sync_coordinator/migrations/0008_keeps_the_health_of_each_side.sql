-- migrate:up
-- What each connector last reported of a connection; the newest report is the only one that counts.

CREATE TABLE side_health (
    connection_id uuid        NOT NULL REFERENCES connection,
    side          text        NOT NULL CHECK (side IN ('limego', 'fortnox')),
    reported_at   timestamptz NOT NULL,
    body          text        NOT NULL,
    PRIMARY KEY (connection_id, side)
);

-- migrate:down
DROP TABLE side_health;
