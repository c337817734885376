-- Says of a version that it was applied before pgproof knew the database: when and by whom, where that is known.
INSERT INTO pgproof.history
       (schema, version, name, state, done, total, text, checksum, algorithm, tool, run, applied_from, started_at, finished_at,
        applied_by)
VALUES (%(schema)s, %(version)s, %(name)s, 'applied', %(total)s, %(total)s, %(text)s, %(checksum)s, %(algorithm)s, %(tool)s, %(run)s,
        %(host)s, COALESCE(%(at)s::timestamptz, pg_catalog.now()), COALESCE(%(at)s::timestamptz, pg_catalog.now()),
        COALESCE(%(by)s, SESSION_USER::text));
