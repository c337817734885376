-- The tables that hold the rows of a table, by its name (or schema.name) as the catalog has it: itself, or the leaves of a
-- partitioned one. Of several with that name, those of the first schema in the search path.
WITH meant AS (
    SELECT c.oid, c.relkind
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p')
       AND (n.nspname || '.' || c.relname = %(name)s OR (c.relname = %(name)s AND n.nspname !~ '^pg_'))
     ORDER BY pg_catalog.pg_table_is_visible(c.oid) DESC, n.nspname
     LIMIT 1)
SELECT m.oid::int8 AS number FROM meant AS m WHERE m.relkind = 'r'
 UNION ALL
SELECT t.relid::pg_catalog.oid::int8
  FROM meant AS m
 CROSS JOIN LATERAL pg_catalog.pg_partition_tree(m.oid) AS t
 WHERE m.relkind = 'p'
   AND t.isleaf
 ORDER BY number;
