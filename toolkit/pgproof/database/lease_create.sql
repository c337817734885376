-- The lease on migrations: at most one row. Only made where a pool has a single session; who runs this has the
-- migration lock, so that no two do so at once.
CREATE TABLE IF NOT EXISTS pgproof.lease (
    name         text PRIMARY KEY CHECK (name = 'migrations'),
    -- rises with every owner: whoever comes with an older one has lost the lease
    token        bigint NOT NULL,
    -- who has it, and the step that is on; empty when nobody has
    words        text NOT NULL,
    role         text NOT NULL,
    taken_at     timestamptz NOT NULL,
    heard_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL
);
