-- Says that a version is applied, at the end of the transaction that applied it. Of two who apply it at the same time,
-- one is refused by history_version_key.
INSERT INTO pgproof.history
       (schema, version, name, state, done, total, text, checksum, algorithm, tool, run, applied_from, started_at, finished_at)
VALUES (%(schema)s, %(version)s, %(name)s, 'applied', %(total)s, %(total)s, %(text)s, %(checksum)s, %(algorithm)s,
        %(tool)s, %(run)s, %(host)s, pg_catalog.now(), pg_catalog.clock_timestamp());
