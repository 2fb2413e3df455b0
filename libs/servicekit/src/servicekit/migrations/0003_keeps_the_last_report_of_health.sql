-- migrate:up
-- What was last reported of each connection: a new holder of its lane goes on from there, and says of nothing that has been
-- read that it never was.

CREATE TABLE health_report (
    connection_id uuid PRIMARY KEY,
    body          text NOT NULL
);

-- migrate:down
DROP TABLE health_report;
