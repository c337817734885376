-- Says that a version is reverted, at the end of the transaction that reverted it. If it is not there to be reverted
-- any more, the division by zero undoes that transaction.
  WITH reverted AS (
       UPDATE pgproof.history
          SET state = 'reverted',
              done = %(total)s,
              total = %(total)s,
              error = '',
              reverting_at = COALESCE(reverting_at, pg_catalog.now()),
              reverted_at = pg_catalog.clock_timestamp(),
              reverted_by = SESSION_USER,
              tool = %(tool)s,
              run = %(run)s
        WHERE version OPERATOR(pg_catalog.=) %(version)s
          AND schema OPERATOR(pg_catalog.=) %(schema)s
          AND state OPERATOR(pg_catalog.=) ANY ('{applied,reverting}')
       RETURNING id
       )
SELECT 1 OPERATOR(pg_catalog./) (SELECT pg_catalog.count(*) FROM reverted);
