-- Who holds a lock under which nobody else can read: the relation, and the session with what it runs or ran last.
-- Of sessions of others a user without pg_read_all_stats is shown neither application nor query.
SELECT DISTINCT
    pg_catalog.format('%I.%I', n.nspname, c.relname) AS relation,
    a.pid AS backend,
    coalesce(a.usename, '') AS "user",
    coalesce(a.application_name, '') AS application,
    coalesce(a.query, '') AS query
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_database AS d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_catalog.pg_backend_pid()
    AND n.nspname NOT IN ('pg_toast', 'pg_catalog')
ORDER BY relation, backend;
