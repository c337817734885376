-- Who has the lease on migrations, if somebody has. One that has run out is ended by this, and its token with it,
-- unless its owner is in a transaction right now (the row is locked then), or some tagged statement of a migration is
-- still running on this database.
WITH present AS MATERIALIZED (
    SELECT lease.role,
           lease.words,
           lease.taken_at
      FROM pgproof.lease
     WHERE lease.words <> ''
),
free AS MATERIALIZED (
    SELECT lease.name
      FROM pgproof.lease
     WHERE lease.words <> ''
       AND lease.expires_at < pg_catalog.clock_timestamp()
       AND NOT EXISTS (SELECT
                         FROM pg_catalog.pg_stat_activity AS activity
                        WHERE activity.datname = pg_catalog.current_database()
                          AND activity.pid <> pg_catalog.pg_backend_pid()
                          AND activity.state <> 'idle'
                          AND pg_catalog.starts_with(activity.query, '/* pgproof:'))
       FOR UPDATE SKIP LOCKED
),
ended AS (
    UPDATE pgproof.lease
       SET words = '',
           token = lease.token + 1
      FROM free
     WHERE lease.name = free.name
 RETURNING lease.name
)
SELECT 0 AS backend,
       present.role AS user,
       present.words,
       present.taken_at AS since,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - present.taken_at)::float8 AS seconds
  FROM present
 WHERE NOT EXISTS (SELECT FROM ended);
