-- Says that a repeatable file was run, at the end of the transaction that ran it.
INSERT INTO pgproof.repeatable AS r
       (schema, name, text, checksum, algorithm, tool, run, applied_from, started_at, finished_at)
VALUES (%(schema)s, %(name)s, %(text)s, %(checksum)s, %(algorithm)s, %(tool)s, %(run)s, %(host)s, pg_catalog.now(),
        pg_catalog.clock_timestamp())
    ON CONFLICT (schema, name)
    DO UPDATE SET text = excluded.text,
                  checksum = excluded.checksum,
                  algorithm = excluded.algorithm,
                  tool = excluded.tool,
                  run = excluded.run,
                  applied_from = excluded.applied_from,
                  applied_by = excluded.applied_by,
                  started_at = excluded.started_at,
                  finished_at = excluded.finished_at,
                  times = r.times OPERATOR(pg_catalog.+) 1;
