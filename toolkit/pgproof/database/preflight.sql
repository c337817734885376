-- What on this server would hold a migration up, or be made worse by it; PostgreSQL 14 or later, one row per hazard.
--
-- `amount` is in seconds, bytes or transactions, as `kind` has it. `tables` are the relations that the migrations are
-- about to touch, as text (null: any may be); those that are not there yet count for nothing. A role that may not see other roles'
-- sessions (pg_read_all_stats) learns of fewer hazards.
WITH touched AS (
    SELECT DISTINCT pg_catalog.to_regclass(named.name)::oid AS relid
      FROM pg_catalog.unnest(%(tables)s::text[]) AS named (name)
     UNION ALL
    SELECT class.oid
      FROM pg_catalog.pg_class AS class
     WHERE %(tables)s::text[] IS NULL
)
-- open for long: it keeps its locks, and every concurrent index waits for its end
SELECT 'old transaction' AS kind,
       'backend ' || activity.pid AS object,
       activity.pid,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - activity.xact_start)::float8 AS amount,
       pg_catalog.concat_ws(', ', 'role ' || activity.usename,
                            '"' || NULLIF(activity.application_name, '') || '"', activity.state) AS who,
       COALESCE(pg_catalog.left(activity.query, 200), '') AS words
  FROM pg_catalog.pg_stat_activity AS activity
 WHERE activity.datname = pg_catalog.current_database()
   AND activity.pid <> pg_catalog.pg_backend_pid()
   AND activity.backend_type = 'client backend'
   AND activity.xact_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %(older_than)s)
 UNION ALL
-- keeps its locks across restarts, until somebody ends it by name
SELECT 'prepared transaction',
       prepared.gid,
       0,
       EXTRACT(epoch FROM pg_catalog.clock_timestamp() - prepared.prepared)::float8,
       'role ' || prepared.owner,
       ''
  FROM pg_catalog.pg_prepared_xacts AS prepared
 WHERE prepared.database = pg_catalog.current_database()
   AND prepared.prepared < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => %(older_than)s)
 UNION ALL
-- all that is written from now on stays on the disk, and a migration may write a lot
SELECT 'replication slot',
       slot.slot_name,
       0,
       pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), slot.restart_lsn)::float8,
       slot.slot_type,
       ''
  FROM pg_catalog.pg_replication_slots AS slot
 WHERE NOT slot.active
   AND NOT slot.temporary
   AND slot.restart_lsn IS NOT NULL
   AND slot.wal_status <> 'lost'
   AND NOT pg_catalog.pg_is_in_recovery()
 UNION ALL
-- left behind by a concurrent build that failed, unless one is on its way right now
SELECT 'invalid index',
       index.indexrelid::regclass::text,
       0,
       pg_catalog.pg_relation_size(index.indexrelid)::float8,
       index.indrelid::regclass::text,
       COALESCE((SELECT owner.oid::regclass::text
                   FROM pg_catalog.pg_class AS owner
                  WHERE owner.reltoastrelid = index.indrelid), '')
  FROM pg_catalog.pg_index AS index
  JOIN pg_catalog.pg_class AS class ON class.oid = index.indexrelid
 WHERE NOT index.indisvalid
   AND class.relkind = 'i'
   AND NOT EXISTS (SELECT
                     FROM pg_catalog.pg_stat_progress_create_index AS building
                    WHERE building.datname = pg_catalog.current_database()
                      AND (building.index_relid = index.indexrelid OR building.relid IS NULL))
 UNION ALL
-- is not interrupted for anybody: whoever wants more than to read and write the table waits for its end
SELECT 'wraparound vacuum',
       class.oid::regclass::text,
       vacuum.pid,
       pg_catalog.age(class.relfrozenxid)::float8,
       CASE WHEN vacuum.pid IS NULL THEN 'due' ELSE 'running' END,
       ''
  FROM touched
  JOIN pg_catalog.pg_class AS class ON class.oid = touched.relid
  LEFT JOIN (pg_catalog.pg_stat_progress_vacuum AS vacuum
             JOIN pg_catalog.pg_stat_activity AS worker
               ON worker.pid = vacuum.pid
              AND worker.backend_type = 'autovacuum worker')
    ON vacuum.relid = class.oid
   AND vacuum.datname = pg_catalog.current_database()
 WHERE class.relkind IN ('r', 'm')
   AND pg_catalog.age(class.relfrozenxid) > LEAST(
           pg_catalog.current_setting('autovacuum_freeze_max_age')::integer,
           (SELECT option.option_value::integer
              FROM pg_catalog.pg_options_to_table(class.reloptions) AS option
             WHERE option.option_name = 'autovacuum_freeze_max_age'))
 ORDER BY kind, object, pid;
