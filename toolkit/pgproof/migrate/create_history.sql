-- The history of migrations: one row per run of a file, its upgrade and its downgrade in one; and its journal.
-- Idempotent, and safe for two at once: CREATE ... IF NOT EXISTS alone can collide in the system catalogs, so
-- whoever runs this in a transaction holds an advisory lock until its end (the key is "pgproof" in ASCII).
-- That lock is waited for, where the one that guards the migrations is only tried (mutex_try.sql): whoever waits has a
-- snapshot, which CREATE INDEX CONCURRENTLY would wait for. But it is held for this DDL alone (and for the rows of
-- `adopt`), in a transaction that runs nothing of the files, and CREATE INDEX CONCURRENTLY never asks for it: so neither
-- waits for long, unless a psql is held up just there. Two upgrades do not meet here, the guarding lock comes first; it
-- is for scripts that psql runs (plan --sql) and for `adopt`.
SELECT pg_catalog.pg_advisory_xact_lock(31638930045497190);

CREATE SCHEMA IF NOT EXISTS pgproof;

CREATE TABLE IF NOT EXISTS pgproof.history (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- the schema that the files were run in, with --schema; else empty
    schema        text NOT NULL DEFAULT '',
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
    -- version of the program that ran it last, in which run, and on which machine
    tool          text NOT NULL,
    run           uuid NOT NULL,
    applied_from  text NOT NULL
);

-- A version is there once in each schema. Of two who apply it at the same time, the second waits here and is then refused.
CREATE UNIQUE INDEX IF NOT EXISTS history_version_key
    ON pgproof.history (schema, version) WHERE state <> 'reverted';

-- One row per attempt at a statement of a file that runs without a transaction. A statement that can be undone
-- commits together with its row; of any other the row comes first, with an empty outcome.
CREATE TABLE IF NOT EXISTS pgproof.journal (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    history_id    bigint NOT NULL REFERENCES pgproof.history (id),
    run           uuid NOT NULL,
    direction     text NOT NULL CHECK (direction IN ('upgrade', 'downgrade')),
    -- which statement of the section, from 1, and the SHA-256 of its text
    number        integer NOT NULL,
    hash          text NOT NULL,
    -- what it could be taken for afterwards: what was there before (see probe_*.sql)
    before        text NOT NULL DEFAULT '',
    backend_pid   integer NOT NULL DEFAULT pg_catalog.pg_backend_pid(),
    started_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    finished_at   timestamptz,
    -- empty while nobody knows
    outcome       text NOT NULL DEFAULT '' CHECK (outcome IN ('', 'landed', 'failed', 'cancelled')),
    -- what the server said against it, or how a later run found out that it has landed
    remark        text NOT NULL DEFAULT ''
);

CREATE INDEX IF NOT EXISTS journal_history_id_idx
    ON pgproof.journal (history_id, direction, number);

-- The repeatable files that were run here, each with the text that was run last.
CREATE TABLE IF NOT EXISTS pgproof.repeatable (
    schema        text NOT NULL DEFAULT '',
    name          text NOT NULL,
    text          text NOT NULL,
    checksum      text NOT NULL,
    algorithm     text NOT NULL,
    started_at    timestamptz NOT NULL,
    finished_at   timestamptz NOT NULL,
    applied_by    text NOT NULL DEFAULT SESSION_USER,
    tool          text NOT NULL,
    run           uuid NOT NULL,
    applied_from  text NOT NULL,
    -- how often it was run
    times         integer NOT NULL DEFAULT 1,
    PRIMARY KEY (schema, name)
);

-- How far a statement that is run in batches has come: one row from its first batch on.
CREATE TABLE IF NOT EXISTS pgproof.batch (
    history_id    bigint NOT NULL REFERENCES pgproof.history (id),
    direction     text NOT NULL CHECK (direction IN ('upgrade', 'downgrade')),
    -- which statement of the section, from 1, and the SHA-256 of its text
    number        integer NOT NULL,
    hash          text NOT NULL,
    -- the last value of the key that is done, as text; null where there is no key
    upto          text,
    batches       bigint NOT NULL,
    -- rows that were touched before the last of these batches
    rows          bigint NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    updated_at    timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    PRIMARY KEY (history_id, direction, number)
);

COMMENT ON SCHEMA pgproof IS 'What pgproof knows of this database.';
COMMENT ON TABLE pgproof.history IS 'Migrations that were run here, by pgproof.';
COMMENT ON TABLE pgproof.journal IS 'Statements that were run here without a transaction, by pgproof.';
COMMENT ON TABLE pgproof.repeatable IS 'Repeatable files that were run here, by pgproof.';
COMMENT ON TABLE pgproof.batch IS 'How far statements in batches have come here.';
