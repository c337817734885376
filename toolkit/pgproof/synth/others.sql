-- What looks like a table and takes no rows: materialized views, those behind which others select from them, and
-- foreign tables; without those of extensions. (Views may select from each other in a circle: 50 steps are enough.)
WITH RECURSIVE selects AS (
    SELECT DISTINCT r.ev_class AS one, d.refobjid AS other
      FROM pg_catalog.pg_rewrite AS r
      JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
       AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
      JOIN pg_catalog.pg_class AS c ON c.oid = d.refobjid AND c.relkind IN ('m', 'v')
     WHERE r.ev_type = '1'
), deep AS (
    SELECT c.oid, 0 AS depth FROM pg_catalog.pg_class AS c WHERE c.relkind = 'm'
     UNION
    SELECT s.one, d.depth + 1 FROM deep AS d JOIN selects AS s ON s.other = d.oid WHERE d.depth < 50
)
SELECT c.relkind = 'm' AS is_materialized,
       n.nspname::text AS schema,
       c.relname::text AS name
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('m', 'f')
   AND n.nspname !~ '^pg_'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
   AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY (SELECT pg_catalog.max(d.depth) FROM deep AS d WHERE d.oid = c.oid), n.nspname, c.relname;
