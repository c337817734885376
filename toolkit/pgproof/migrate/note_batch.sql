-- Says how far a statement in batches has come, in the transaction of a batch. If the file is not this run's any
-- more, the division by zero undoes the batch.
  WITH noted AS (
       INSERT INTO pgproof.batch AS b (history_id, direction, number, hash, upto, batches, rows)
       SELECT h.id, %(direction)s, %(number)s, %(hash)s, %(upto)s, %(batches)s, %(rows)s
         FROM pgproof.history AS h
        WHERE h.version OPERATOR(pg_catalog.=) %(version)s
          AND h.schema OPERATOR(pg_catalog.=) %(schema)s
          AND h.state OPERATOR(pg_catalog.=) ANY ('{applying,reverting}')
          AND h.run OPERATOR(pg_catalog.=) %(run)s
           ON CONFLICT (history_id, direction, number)
           DO UPDATE SET hash = excluded.hash,
                         upto = excluded.upto,
                         batches = excluded.batches,
                         rows = excluded.rows,
                         updated_at = pg_catalog.clock_timestamp()
       RETURNING 1
       )
SELECT 1 OPERATOR(pg_catalog./) (SELECT pg_catalog.count(*) FROM noted);
