-- The relations of pg_catalog that this server has, with their columns and the types of these. From 14 on. Their rows are looked up by
-- the relation's OID, whatever the planner thinks of how many there are (OFFSET 0 keeps it from joining them otherwise).
SELECT c.oid,
       c.relname AS relation,
       a.attname AS "column",
       a.atttypid::pg_catalog.regtype::pg_catalog.text AS type
  FROM (SELECT k.oid, k.relname
          FROM pg_catalog.pg_class AS k
         WHERE k.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
           AND k.relkind = 'r'
           AND k.oid < 16384
        OFFSET 0) AS c
 CROSS JOIN LATERAL (SELECT t.attname, t.atttypid, t.attnum
                       FROM pg_catalog.pg_attribute AS t
                      WHERE t.attrelid = c.oid
                        AND t.attnum > 0
                        AND NOT t.attisdropped
                     OFFSET 0) AS a
 ORDER BY c.relname, a.attnum;
