-- Says that a version is applied, or reverted. If the file is not this run's any more, the division by zero undoes the
-- transaction.
  WITH ended AS (
       UPDATE pgproof.history
          SET state = CASE WHEN state OPERATOR(pg_catalog.=) 'applying' THEN 'applied' ELSE 'reverted' END,
              done = total,
              error = '',
              finished_at = CASE WHEN state OPERATOR(pg_catalog.=) 'applying'
                                 THEN pg_catalog.clock_timestamp() ELSE finished_at END,
              reverted_at = CASE WHEN state OPERATOR(pg_catalog.=) 'reverting'
                                 THEN pg_catalog.clock_timestamp() END,
              reverted_by = CASE WHEN state OPERATOR(pg_catalog.=) 'reverting' THEN SESSION_USER END
        WHERE version OPERATOR(pg_catalog.=) %(version)s
          AND schema OPERATOR(pg_catalog.=) %(schema)s
          AND state OPERATOR(pg_catalog.=) ANY ('{applying,reverting}')
          AND run OPERATOR(pg_catalog.=) %(run)s
       RETURNING id
       )
SELECT 1 OPERATOR(pg_catalog./) (SELECT pg_catalog.count(*) FROM ended);
