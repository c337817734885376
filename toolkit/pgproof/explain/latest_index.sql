-- The index that was made last: its name, its bytes, and how many indexes its table has.
SELECT c.relname,
       pg_catalog.pg_relation_size(c.oid),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index AS o WHERE o.indrelid = i.indrelid)
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
 ORDER BY c.oid DESC
 LIMIT 1;
