-- migrate:up
-- A record that a poll could not read is read again by itself: the poll goes on without it, and its mark moves on.

CREATE TABLE unread (
    connection_id uuid NOT NULL REFERENCES connection,
    resource      text NOT NULL,
    record_id     text NOT NULL,
    slim          text NOT NULL DEFAULT '',
    failures      integer     NOT NULL DEFAULT 1,
    retry_at      timestamptz NOT NULL,
    PRIMARY KEY (connection_id, resource, record_id)
);

-- migrate:down
DROP TABLE unread;
