-- Says that a version is about to be applied, before it is; or that one that stopped goes on behind its statement
-- `done`. Of two at once the second waits for the first to commit. If the version is there by now, or has gone on
-- since the plan was made, the division by zero undoes this transaction.
  WITH begun AS (
       INSERT INTO pgproof.history AS h
              (schema, version, name, state, done, total, text, checksum, algorithm, tool, run, applied_from)
       VALUES (%(schema)s, %(version)s, %(name)s, 'applying', 0, %(total)s, %(text)s, %(checksum)s, %(algorithm)s,
               %(tool)s, %(run)s, %(host)s)
           ON CONFLICT (schema, version) WHERE state <> 'reverted'
           DO UPDATE SET name = excluded.name,
                         total = excluded.total,
                         error = '',
                         text = excluded.text,
                         checksum = excluded.checksum,
                         algorithm = excluded.algorithm,
                         tool = excluded.tool,
                         run = excluded.run,
                         applied_from = excluded.applied_from
                   WHERE h.state OPERATOR(pg_catalog.=) 'applying'
                     AND h.done OPERATOR(pg_catalog.=) %(done)s
       RETURNING h.id
       )
SELECT 1 OPERATOR(pg_catalog./) (SELECT pg_catalog.count(*) FROM begun);
