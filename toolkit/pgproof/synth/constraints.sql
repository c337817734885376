-- What rows have to obey, by the name that the server gives it when it refuses one: constraints, and unique indexes.
-- Of a foreign key to a partitioned table only the key itself, not what it is to each of the partitions. conperiod
-- came with 18.
SELECT c.conrelid::int8 AS "table",
       c.conname::text AS name,
       c.contype::text AS kind,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY AS k(number, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number
              ORDER BY k.place) AS columns,
       pg_catalog.pg_get_expr(c.conbin, c.conrelid) AS condition,
       c.confrelid::int8 AS referenced,
       n.nspname::text AS referenced_schema,
       r.relname::text AS referenced_name,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY AS k(number, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.confrelid AND a.attnum = k.number
              ORDER BY k.place) AS referenced_columns,
       ARRAY(SELECT t.relid::int8 FROM pg_catalog.pg_partition_tree(c.confrelid) AS t WHERE t.isleaf) AS leaves,
       COALESCE((pg_catalog.to_jsonb(c) ->> 'conperiod')::boolean, false) AS has_period
  FROM pg_catalog.pg_constraint AS c
  LEFT JOIN pg_catalog.pg_class AS r ON r.oid = c.confrelid
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = r.relnamespace
 WHERE c.conrelid <> 0 AND c.contype IN ('c', 'f', 'p', 'u', 'x')
   AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_constraint AS p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
UNION ALL
SELECT i.indrelid::int8, x.relname::text, 'u',
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = i.indrelid AND (a.attnum = ANY (i.indkey) OR 0 = ANY (i.indkey)) AND a.attnum > 0),
       NULL, 0, NULL, NULL, '{}', '{}', false
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = x.relnamespace
 WHERE i.indisunique AND n.nspname !~ '^pg_'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.conindid = i.indexrelid AND c.contype <> 'f')
 ORDER BY 1, 2;
