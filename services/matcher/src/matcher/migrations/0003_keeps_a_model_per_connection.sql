-- migrate:up
-- What a connection's reviews are ranked by: the score's model, estimated from its two registers. It holds values that many
-- records share, so it is sealed; whoever cannot open it estimates it again. `method`: by which code, for another makes another.
CREATE TABLE score_model (
    connection_id uuid        PRIMARY KEY,
    version       text        NOT NULL,
    sealed        bytea       NOT NULL,
    companies     integer     NOT NULL,
    customers     integer     NOT NULL,
    method        text        NOT NULL,
    estimated_at  timestamptz NOT NULL DEFAULT now()
);

-- Of a review: under which model its candidates were ranked, and a keyed hash of the records that were compared.
ALTER TABLE decision ADD COLUMN model_version text, ADD COLUMN compared bigint;

-- migrate:down
ALTER TABLE decision DROP COLUMN model_version, DROP COLUMN compared;
DROP TABLE score_model;
