-- Says that a version is about to be reverted, before it is; or that one that stopped goes on behind its statement
-- `done`. If it is not there to be reverted, or has gone on since the plan was made, the division by zero undoes
-- this transaction.
  WITH begun AS (
       UPDATE pgproof.history
          SET state = 'reverting',
              done = %(done)s,
              total = %(total)s,
              error = '',
              reverting_at = COALESCE(reverting_at, pg_catalog.clock_timestamp()),
              tool = %(tool)s,
              run = %(run)s
        WHERE version OPERATOR(pg_catalog.=) %(version)s
          AND schema OPERATOR(pg_catalog.=) %(schema)s
          AND (
              state OPERATOR(pg_catalog.=) 'applied'
              OR (state OPERATOR(pg_catalog.=) 'reverting' AND done OPERATOR(pg_catalog.=) %(done)s)
              )
       RETURNING id
       )
SELECT 1 OPERATOR(pg_catalog./) (SELECT pg_catalog.count(*) FROM begun);
