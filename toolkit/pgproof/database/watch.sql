-- One session, its own statement's time, who blocks it, who waits behind it and how far it is; PostgreSQL 14 or
-- later.
--
-- The session is the one with the pid, or the one that is running a statement which begins with the tag (behind a
-- pooler nobody knows the pid). If it is over one of the limits, its statement is cancelled here and now: the same
-- query decides and cancels, so that no other statement can have begun in between. Limits are in seconds, null for
-- none. All that a role may not see of others is null (pg_read_all_stats lets it).
--
-- `chain` are those who block the session, those who block these, and so on; pid 0 is a prepared transaction.
-- `advance` is how far its command is, where the server reports that (manual, "Progress Reporting"): which of the
-- numbers counts is a matter of the phase, and a total of 0 is one that the server does not know.
WITH RECURSIVE
waiting AS MATERIALIZED (
    SELECT lock.pid,
           COALESCE(EXTRACT(epoch FROM pg_catalog.clock_timestamp() - pg_catalog.min(lock.waitstart)), 0)::float8
               AS seconds
      FROM pg_catalog.pg_locks AS lock
     WHERE NOT lock.granted
       AND lock.pid IS NOT NULL
     GROUP BY lock.pid
),
ours AS MATERIALIZED (
    SELECT activity.pid,
           waiting.seconds AS waited,
           EXTRACT(epoch FROM pg_catalog.clock_timestamp() - activity.query_start)::float8 AS running
      FROM pg_catalog.pg_stat_activity AS activity
      LEFT JOIN waiting ON waiting.pid = activity.pid
     WHERE activity.pid = %(pid)s::integer
        OR (activity.state = 'active'
            AND activity.pid <> pg_catalog.pg_backend_pid()
            AND pg_catalog.starts_with(activity.query, %(tag)s::text))
     LIMIT 1
),
chain (pid, depth) AS (
    SELECT blocking.pid, 1
      FROM ours
     CROSS JOIN pg_catalog.unnest(pg_catalog.pg_blocking_pids(ours.pid)) AS blocking (pid)
     WHERE ours.waited IS NOT NULL
     UNION
    SELECT blocking.pid, chain.depth + 1
      FROM chain
     CROSS JOIN pg_catalog.unnest(pg_catalog.pg_blocking_pids(chain.pid)) AS blocking (pid)
     WHERE chain.depth < 5
       AND chain.pid <> 0
),
blockers AS (
    SELECT nearest.pid,
           nearest.depth,
           COALESCE(activity.usename, '') AS user,
           COALESCE(NULLIF(activity.application_name, ''),
                    CASE WHEN activity.backend_type <> 'client backend' THEN activity.backend_type END,
                    CASE WHEN nearest.pid = 0
                         THEN (SELECT pg_catalog.string_agg(gid, ', ' ORDER BY gid)
                                 FROM pg_catalog.pg_prepared_xacts
                                WHERE database = pg_catalog.current_database())
                    END,
                    '') AS application,
           COALESCE(activity.state, '') AS state,
           EXTRACT(epoch FROM pg_catalog.clock_timestamp() - activity.xact_start)::float8 AS transaction_seconds,
           COALESCE(pg_catalog.left(activity.query, 200), '') AS query
      FROM (SELECT pid, pg_catalog.min(depth) AS depth FROM chain GROUP BY pid) AS nearest
      LEFT JOIN pg_catalog.pg_stat_activity AS activity ON activity.pid = nearest.pid
),
victims AS MATERIALIZED (
    SELECT pg_catalog.count(*)::integer AS number,
           COALESCE(pg_catalog.max(candidate.seconds), 0)::float8 AS longest
      FROM ours
     CROSS JOIN (SELECT pid, seconds FROM waiting ORDER BY seconds DESC LIMIT 200) AS candidate
     WHERE candidate.pid <> ours.pid
       AND ours.pid = ANY (pg_catalog.pg_blocking_pids(candidate.pid))
),
judged AS MATERIALIZED (
    SELECT CASE WHEN victims.number >= %(victims)s::integer THEN 'victims'
                WHEN ours.waited >= %(lock_wait)s::float8 THEN 'lock wait'
                WHEN ours.running >= %(statement)s::float8 THEN 'statement time'
           END AS reason
      FROM ours
     CROSS JOIN victims
),
advance (command, relid, phase, unit, done, total, partitions_done, partitions) AS (
    SELECT building.command,
           building.relid,
           building.phase,
           counted.unit,
           CASE counted.unit
                WHEN 'lockers' THEN building.lockers_done
                WHEN 'tuples' THEN building.tuples_done
                ELSE building.blocks_done
           END,
           CASE counted.unit
                WHEN 'lockers' THEN building.lockers_total
                WHEN 'tuples' THEN building.tuples_total
                ELSE building.blocks_total
           END,
           building.partitions_done,
           building.partitions_total
      FROM ours
      JOIN pg_catalog.pg_stat_progress_create_index AS building ON building.pid = ours.pid
     CROSS JOIN LATERAL (
               SELECT CASE WHEN pg_catalog.starts_with(building.phase, 'waiting ') THEN 'lockers'
                           WHEN pg_catalog.strpos(building.phase, ' tuples') > 0 THEN 'tuples'
                           ELSE 'blocks'
                      END
           ) AS counted (unit)
    UNION ALL
    SELECT rewriting.command,
           rewriting.relid,
           rewriting.phase,
           CASE rewriting.phase
                WHEN 'seq scanning heap' THEN 'blocks'
                WHEN 'rebuilding index' THEN 'indexes'
                ELSE 'tuples'
           END,
           CASE rewriting.phase
                WHEN 'seq scanning heap' THEN rewriting.heap_blks_scanned
                WHEN 'rebuilding index' THEN rewriting.index_rebuild_count
                WHEN 'writing new heap' THEN rewriting.heap_tuples_written
                ELSE rewriting.heap_tuples_scanned
           END,
           CASE rewriting.phase
                WHEN 'seq scanning heap' THEN rewriting.heap_blks_total
                WHEN 'writing new heap' THEN rewriting.heap_tuples_scanned
           END,
           0,
           0
      FROM ours
      JOIN pg_catalog.pg_stat_progress_cluster AS rewriting ON rewriting.pid = ours.pid
    UNION ALL
    SELECT 'VACUUM',
           vacuuming.relid,
           vacuuming.phase,
           'blocks',
           CASE vacuuming.phase
                WHEN 'vacuuming heap' THEN vacuuming.heap_blks_vacuumed
                ELSE vacuuming.heap_blks_scanned
           END,
           CASE WHEN vacuuming.phase IN ('scanning heap', 'vacuuming heap') THEN vacuuming.heap_blks_total END,
           0,
           0
      FROM ours
      JOIN pg_catalog.pg_stat_progress_vacuum AS vacuuming ON vacuuming.pid = ours.pid
)
SELECT ours.pid,
       ours.waited,
       ours.running,
       COALESCE((SELECT pg_catalog.json_agg(pg_catalog.row_to_json(blockers.*) ORDER BY depth, pid) FROM blockers),
                '[]') AS blockers,
       victims.number AS victims,
       victims.longest AS longest_victim,
       judged.reason,
       CASE WHEN judged.reason IS NOT NULL THEN pg_catalog.pg_cancel_backend(ours.pid) END AS cancelled,
       (SELECT pg_catalog.json_build_object(
                   'command', command,
                   'relation', COALESCE((SELECT oid::pg_catalog.regclass::text
                                           FROM pg_catalog.pg_class
                                          WHERE oid = relid), ''),
                   'phase', phase,
                   'unit', unit,
                   'done', done,
                   'total', NULLIF(total, 0),
                   'partitions_done', COALESCE(partitions_done, 0),
                   'partitions', COALESCE(partitions, 0))
          FROM advance
         WHERE phase IS NOT NULL
         LIMIT 1) AS advance
  FROM ours
 CROSS JOIN victims
 CROSS JOIN judged;
