-- The part that each relation is in, by the name of its table (of an index) or its own: one of 256. What is in pgproof's
-- own schema is in none, and neither are temporary and TOAST tables.
SELECT c.oid,
       (pg_catalog.hashtextextended((n.nspname || '.' || r.relname) COLLATE pg_catalog."C", 0) & 255)::pg_catalog.int4 AS part
  FROM pg_catalog.pg_class AS c
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
  JOIN pg_catalog.pg_class AS r ON r.oid = COALESCE(i.indrelid, c.oid)
  JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
 WHERE c.oid >= 16384
   AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pgproof', 'pg_toast');
