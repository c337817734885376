-- In the transaction itself: the files that tables are in now, and how often the session has read one from end to end
-- since its counts were last sent away, which no transaction does before its end.
SELECT c.oid, c.relfilenode, pg_catalog.pg_stat_get_xact_numscans(c.oid) AS scans
FROM pg_catalog.pg_class AS c
WHERE c.oid = ANY (%(there)s);
