-- Says how many statements of a file that runs without a transaction have landed. If the file is not this run's any
-- more, the division by zero undoes the transaction.
  WITH noted AS (
       UPDATE pgproof.history
          SET done = %(done)s,
              error = ''
        WHERE version OPERATOR(pg_catalog.=) %(version)s
          AND schema OPERATOR(pg_catalog.=) %(schema)s
          AND state OPERATOR(pg_catalog.=) ANY ('{applying,reverting}')
          AND run OPERATOR(pg_catalog.=) %(run)s
          AND done OPERATOR(pg_catalog.<) %(done)s
       RETURNING id
       )
SELECT 1 OPERATOR(pg_catalog./) (SELECT pg_catalog.count(*) FROM noted);
