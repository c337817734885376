-- The extended statistics of these tables: `positions` are the numbers of their columns by name, `keys` these names in
-- the order of the columns, `expressions` SQL, `kinds` as in pg_statistic_ext (53.52 of the manual).
SELECT e.oid::bigint AS number,
       n.nspname::text AS schema,
       e.stxname::text AS name,
       e.stxrelid::bigint AS owner,
       e.stxkind::text[] AS kinds,
       (SELECT coalesce(pg_catalog.jsonb_object_agg(a.attname, a.attnum), '{}')
          FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = e.stxrelid AND a.attnum = ANY (e.stxkeys::smallint[])) AS positions,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = e.stxrelid AND a.attnum = ANY (e.stxkeys::smallint[])
              ORDER BY a.attnum) AS keys,
       coalesce(pg_catalog.pg_get_statisticsobjdef_expressions(e.oid), '{}') AS expressions
  FROM pg_catalog.pg_statistic_ext AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
 WHERE e.stxrelid = ANY (%(numbers)s::oid[])
 ORDER BY e.oid;
