-- Who holds an advisory lock (its key is one bigint) of this database: the session and what it says of itself.
-- Since when and for how long are null for a role that may not see other roles' sessions (pg_read_all_stats).
SELECT activity.pid AS backend,
       COALESCE(activity.usename, '') AS user,
       COALESCE(activity.application_name, '') AS words,
       activity.xact_start AS since,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - activity.xact_start)::float8 AS seconds
  FROM pg_catalog.pg_locks AS lock
  JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = lock.pid
 WHERE lock.locktype = 'advisory'
   AND lock.granted
   AND lock.objsubid = 1
   AND lock.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND (lock.classid::bigint << 32) | lock.objid::bigint = %(key)s
 LIMIT 1;
