-- Of the session `pid`, seen by another one: the tables and views, of those that are `there`, that it has locked in
-- more than ACCESS SHARE, with the files that they were in before its transaction.
SELECT c.oid,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
       l.mode,
       c.relfilenode
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = %(pid)s
  AND l.locktype = 'relation'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND l.granted
  AND l.mode <> 'AccessShareLock'
  AND l.relation = ANY (%(there)s)
  AND c.relkind IN ('r', 'p', 'm', 'v', 'f')
  AND n.nspname !~ '^(pg_|information_schema$)'
ORDER BY 2;
