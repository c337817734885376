-- The history of migrations: one row per run of a file, its upgrade and its downgrade in one.
-- Idempotent, and safe for two at once: CREATE ... IF NOT EXISTS alone can collide in the system catalogs, so
-- whoever runs this in a transaction holds an advisory lock until its end (the key is "pgproof" in ASCII).
SELECT pg_catalog.pg_advisory_xact_lock(31638930045497190);

CREATE SCHEMA IF NOT EXISTS pgproof;

CREATE TABLE IF NOT EXISTS pgproof.history (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    version       bigint NOT NULL,
    -- the file's name when it ran
    name          text NOT NULL,
    -- applying and reverting: on the way, or stopped there (only files that run without a transaction)
    state         text NOT NULL CHECK (state IN ('applying', 'applied', 'reverting', 'reverted')),
    -- statements that have landed, of how many; of the downgrade while reverting
    done          integer NOT NULL,
    total         integer NOT NULL,
    -- what the server said against statement done + 1; empty while nothing went wrong
    error         text NOT NULL DEFAULT '',
    -- the upgrade as its author wrote it, in normal form, and its checksum (algorithm: how it was computed)
    text          text NOT NULL,
    checksum      text NOT NULL,
    algorithm     text NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at   timestamptz,
    applied_by    text NOT NULL DEFAULT SESSION_USER,
    reverting_at  timestamptz,
    reverted_at   timestamptz,
    reverted_by   text,
    -- version of the program that ran it last
    tool          text NOT NULL
);

-- A version is there once. Of two who apply it at the same time, the second waits here and is then refused.
CREATE UNIQUE INDEX IF NOT EXISTS history_version_key
    ON pgproof.history (version) WHERE state <> 'reverted';

COMMENT ON SCHEMA pgproof IS 'What pgproof knows of this database.';
COMMENT ON TABLE pgproof.history IS 'Migrations that were run here, by pgproof.';
