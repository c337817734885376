-- Of each relation with rows or values of its own, the system's as well, its name and a query for a digest of all that
-- it holds: every version of a row with its place and the transactions that wrote it.
SELECT c.oid::pg_catalog.regclass::text AS name,
       pg_catalog.format(
           'SELECT pg_catalog.md5(pg_catalog.string_agg(ROW(t.ctid, t.xmin, t.xmax, t.*)::text, %L ORDER BY t.ctid))'
           ' FROM %s AS t',
           E'\n',
           c.oid::pg_catalog.regclass
       ) AS question
  FROM pg_catalog.pg_class AS c
 WHERE c.relkind IN ('r', 'm', 'S')
 ORDER BY 1;
