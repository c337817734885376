-- The foreign keys that people have made and that work: which columns of which table refer to what, and what is to
-- happen to rows that refer to one that is deleted, or whose key is changed. Those of partitions are their table's:
-- `names` are all that a refusal may have, `tables` those that it may be about. `set` are the columns of SET NULL (...)
-- and SET DEFAULT (...), new in 15.
-- Each part is computed once and joined: of thousands of keys, one that looked at all keys for each would be too slow.
WITH RECURSIVE below AS (
    SELECT c.oid AS one, c.oid AS other FROM pg_catalog.pg_constraint AS c WHERE c.contype = 'f' AND c.conparentid = 0
     UNION ALL
    SELECT b.one, c.oid FROM below AS b JOIN pg_catalog.pg_constraint AS c ON c.conparentid = b.other
), gathered AS (
    SELECT b.one,
           pg_catalog.array_agg(DISTINCT o.conname::text ORDER BY o.conname::text) AS names,
           pg_catalog.array_agg(DISTINCT pn.nspname::text || '.' || p.relname::text
                                ORDER BY pn.nspname::text || '.' || p.relname::text) AS tables
      FROM below AS b
      JOIN pg_catalog.pg_constraint AS o ON o.oid = b.other
      JOIN pg_catalog.pg_class AS p ON p.oid = o.conrelid
      JOIN pg_catalog.pg_namespace AS pn ON pn.oid = p.relnamespace
     GROUP BY b.one
), disabled AS (
    SELECT of.one
      FROM pg_catalog.pg_trigger AS t
      JOIN pg_catalog.pg_constraint AS p ON p.oid = t.tgconstraint
     CROSS JOIN LATERAL (VALUES (p.oid), (p.conparentid)) AS of (one)
     WHERE t.tgenabled IN ('D', 'R')
)
SELECT n.nspname::text AS schema,
       c.relname::text AS table_name,
       con.conname::text AS name,
       rn.nspname::text AS target_schema,
       rc.relname::text AS target_name,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(con.conkey) WITH ORDINALITY AS k(number, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.number
              ORDER BY k.place) AS columns,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(con.confkey) WITH ORDINALITY AS k(number, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = k.number
              ORDER BY k.place) AS referenced,
       ARRAY(SELECT a.atttypid::int8 FROM pg_catalog.unnest(con.confkey) WITH ORDINALITY AS k(number, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = k.number
              ORDER BY k.place) AS types,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.jsonb_array_elements_text(
                        CASE WHEN con.confdeltype IN ('n', 'd') THEN
                            COALESCE(NULLIF(pg_catalog.to_jsonb(con) -> 'confdelsetcols', 'null'), '[]')
                        ELSE '[]' END) AS k(number)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.number::int2
              ORDER BY a.attnum) AS set,
       rc.relkind = 'p' AS is_divided,
       g.names,
       g.tables,
       CASE con.confdeltype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                            WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END AS on_delete,
       CASE con.confupdtype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                            WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END AS on_update
  FROM pg_catalog.pg_constraint AS con
  JOIN gathered AS g ON g.one = con.oid
  JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class AS rc ON rc.oid = con.confrelid
  JOIN pg_catalog.pg_namespace AS rn ON rn.oid = rc.relnamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pgproof')
   AND COALESCE((pg_catalog.to_jsonb(con) ->> 'conenforced')::boolean, true)
   AND con.oid NOT IN (SELECT d.one FROM disabled AS d)
   AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1, 2, 3;
