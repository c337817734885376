-- What writing would leave behind, whatever was written and even if it was taken back: WAL, a number of a transaction,
-- rows that the server counts as written, statistics that were reset, sessions that stay.
SELECT pg_catalog.pg_current_wal_insert_lsn()::text AS wal,
       pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text AS next_transaction,
       (SELECT pg_catalog.array_agg(ROW(d.datname, d.tup_inserted, d.tup_updated, d.tup_deleted, d.stats_reset)::text
                                    ORDER BY d.datname)
          FROM pg_catalog.pg_stat_database AS d) AS written,
       (SELECT pg_catalog.count(*)
          FROM pg_catalog.pg_stat_activity AS a
         WHERE a.backend_type = 'client backend' AND a.pid <> pg_catalog.pg_backend_pid()) AS others;
