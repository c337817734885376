-- How many seconds the slowest replica is behind in replaying, null if none is. One that has replayed all there is
-- is not behind: where nobody writes, replay_lag stays what it was until the replica has reported again (every 10 s,
-- by default).
SELECT EXTRACT(epoch FROM pg_catalog.max(replication.replay_lag))::float8 AS seconds
  FROM pg_catalog.pg_stat_replication AS replication
 WHERE replication.replay_lsn < pg_catalog.pg_current_wal_lsn();
