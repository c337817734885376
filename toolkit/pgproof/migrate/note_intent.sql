-- Says that a statement is about to be sent, and what there was before it. If the file is not this run's any more, the
-- division by zero undoes the transaction.
  WITH noted AS (
       INSERT INTO pgproof.journal (history_id, run, direction, number, hash, before)
       SELECT h.id, h.run, %(direction)s, %(number)s, %(hash)s, %(before)s
         FROM pgproof.history AS h
        WHERE h.version OPERATOR(pg_catalog.=) %(version)s
          AND h.schema OPERATOR(pg_catalog.=) %(schema)s
          AND h.state OPERATOR(pg_catalog.=) ANY ('{applying,reverting}')
          AND h.run OPERATOR(pg_catalog.=) %(run)s
       RETURNING id
       )
SELECT 1 OPERATOR(pg_catalog./) (SELECT pg_catalog.count(*) FROM noted);
