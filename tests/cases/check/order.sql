-- expect: PLN102 part
-- expect: PLN102 ascending_nulls
CREATE TABLE log (id integer PRIMARY KEY, host text, at timestamptz, level integer);
CREATE INDEX log_host_at ON log (host, at DESC);
-- file: checks/log.sql
-- name: backward
-- uses: log_host_at
-- order: index
SELECT * FROM log WHERE host = $1 ORDER BY at;

-- name: part
-- uses: log_host_at
-- order: index
SELECT * FROM log WHERE host = $1 ORDER BY at DESC, level;

-- name: ascending_nulls
-- uses: log_host_at
-- order: index
SELECT * FROM log WHERE host = $1 ORDER BY at DESC NULLS LAST;

-- name: grouped
-- uses: log_host_at
SELECT host, max(at) FROM log WHERE host = $1 GROUP BY host;

-- name: joined
-- uses: log_host_at
SELECT a.id FROM log AS a JOIN log AS b ON b.host = a.host AND b.at > a.at WHERE a.id = $1;
