-- Says that a version is applied, or reverted, and gives how many seconds that took.
UPDATE pgproof.history
   SET state = CASE state WHEN 'applying' THEN 'applied' ELSE 'reverted' END,
       done = total,
       error = '',
       finished_at = CASE state WHEN 'applying' THEN pg_catalog.clock_timestamp() ELSE finished_at END,
       reverted_at = CASE state WHEN 'reverting' THEN pg_catalog.clock_timestamp() END,
       reverted_by = CASE state WHEN 'reverting' THEN SESSION_USER END
 WHERE version = %(version)s
   AND state IN ('applying', 'reverting')
RETURNING EXTRACT(epoch FROM pg_catalog.clock_timestamp() - COALESCE(reverting_at, started_at))::float8;
