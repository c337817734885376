-- Which life of which database this is, and where it stands in it: NULL on a standby. A database that was made anew has
-- another row in pg_database (see mark.py); a server that was started again, another start; one that has recovered from a
-- crash without being started again, other statistics, since it discards them then (pgstat_discard_stats, in StartupXLOG).
-- Then the oldest transaction that was not over, the next one, and the catalogs that this user may read.
SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery()
            THEN d.oid::pg_catalog.text
                 || ' ' || EXTRACT(epoch FROM pg_catalog.pg_postmaster_start_time())::pg_catalog.text
                 || ' ' || EXTRACT(epoch FROM b.stats_reset)::pg_catalog.text END AS life,
       pg_catalog.pg_snapshot_xmin(s.snapshot)::pg_catalog.text::pg_catalog.int8 AS oldest,
       pg_catalog.pg_snapshot_xmax(s.snapshot)::pg_catalog.text::pg_catalog.int8 AS next,
       ARRAY(SELECT c.relname::pg_catalog.text
               FROM pg_catalog.pg_class AS c
              WHERE c.oid < 16384
                AND c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
                AND c.relkind = 'r'
                AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
              ORDER BY c.relname) AS readable
  FROM pg_catalog.pg_database AS d,
       pg_catalog.pg_stat_bgwriter AS b,
       pg_catalog.pg_current_snapshot() AS s (snapshot)
 WHERE d.datname = pg_catalog.current_database();
