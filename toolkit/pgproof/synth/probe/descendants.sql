-- Which tables inherit from which, over all generations; without partitions, which take over everything.
WITH RECURSIVE below AS (
    SELECT i.inhparent AS one, i.inhrelid AS other
      FROM pg_catalog.pg_inherits AS i
      JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
     WHERE c.relkind = 'r' AND NOT c.relispartition
     UNION
    SELECT b.one, i.inhrelid FROM below AS b JOIN pg_catalog.pg_inherits AS i ON i.inhparent = b.other
)
SELECT b.one::int8 AS parent, b.other::int8 AS child, n.nspname::text AS schema, c.relname::text AS name
  FROM below AS b
  JOIN pg_catalog.pg_class AS c ON c.oid = b.other
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 ORDER BY 1, 2;
