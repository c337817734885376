-- Indexes of the user's tables. indoption bit 0 is DESC, bit 1 NULLS FIRST (src/include/catalog/pg_index.h).
SELECT n.nspname AS schema,
       ic.relname AS name,
       c.relname AS "table",
       am.amname AS method,
       i.indisunique AS "unique",
       i.indisvalid AS valid,
       ARRAY(SELECT pg_catalog.json_build_object(
                        'expression', COALESCE(a.attname::text, pg_catalog.pg_get_indexdef(i.indexrelid, k.n, true)),
                        'is_column', i.indkey[k.n - 1] <> 0,
                        'descending', i.indoption[k.n - 1] & 1 = 1,
                        'nulls_first', i.indoption[k.n - 1] & 2 = 2)
               FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k (n)
               LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1] AND a.attnum > 0
              ORDER BY k.n) AS keys,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.generate_series(i.indnkeyatts + 1, i.indnatts) AS k (n)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1]
              ORDER BY k.n) AS include,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid) AS predicate,
       con.conname AS "constraint",
       pc.relname AS parent,
       pg_catalog.pg_get_indexdef(i.indexrelid) AS definition
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_am AS am ON am.oid = ic.relam
  LEFT JOIN pg_catalog.pg_constraint AS con ON con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
  LEFT JOIN pg_catalog.pg_inherits AS inh ON inh.inhrelid = i.indexrelid
  LEFT JOIN pg_catalog.pg_class AS pc ON pc.oid = inh.inhparent
 WHERE c.relkind IN ('r', 'p', 'm')
   AND c.relpersistence <> 't'
   AND n.nspname NOT LIKE 'pg\_%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
 ORDER BY n.nspname, ic.relname;
