-- The relations of pg_catalog that this server has, with their columns and the types of these. From 14 on.
SELECT c.oid,
       c.relname AS relation,
       a.attname AS "column",
       a.atttypid::pg_catalog.regtype::pg_catalog.text AS type
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
 WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace
   AND c.relkind = 'r'
   AND c.oid < 16384
   AND a.attrelid < 16384
   AND a.attnum > 0
   AND NOT a.attisdropped
 ORDER BY c.relname, a.attnum;
