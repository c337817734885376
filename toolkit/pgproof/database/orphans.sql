-- Statements of this database that begin with a tag and whose transaction has not ended, except those of one run.
-- While the migration lock is ours, nobody is there to hear how they end.
SELECT activity.pid,
       pg_catalog.split_part(pg_catalog.split_part(activity.query, ' */', 1), ':', 2) AS run,
       pg_catalog.substring(activity.query, '^/[*] pgproof:[^:]*:(.*?) [*]/') AS step,
       activity.state,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - activity.query_start)::float8 AS seconds,
       COALESCE(activity.wait_event_type = 'Lock', false) AS is_waiting,
       pg_catalog.left(activity.query, 200) AS query
  FROM pg_catalog.pg_stat_activity AS activity
 WHERE activity.datname = pg_catalog.current_database()
   AND activity.pid <> pg_catalog.pg_backend_pid()
   AND activity.state <> 'idle'
   AND pg_catalog.starts_with(activity.query, '/* pgproof:')
   AND NOT pg_catalog.starts_with(activity.query, %(own)s)
 ORDER BY activity.query_start, activity.pid;
