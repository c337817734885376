-- Constraints of the user's tables. pg_constraint.conenforced came with 18: read through JSON it is NULL before.
-- NOT NULL constraints (contype 'n' since 18) are read from pg_attribute on every major; triggers ('t') are none.
-- `off` are the states of its triggers that do not fire: (D)isabled, only on a (R)eplica.
SELECT n.nspname AS schema,
       c.relname AS "table",
       con.conname AS name,
       con.contype::text AS kind,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.unnest(con.conkey) WITH ORDINALITY AS k (attnum, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.attnum
              ORDER BY k.place) AS columns,
       pg_catalog.pg_get_expr(con.conbin, con.conrelid) AS expression,
       pg_catalog.pg_get_constraintdef(con.oid) AS definition,
       rn.nspname AS references_schema,
       rc.relname AS references_table,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.unnest(con.confkey) WITH ORDINALITY AS k (attnum, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = con.confrelid AND a.attnum = k.attnum
              ORDER BY k.place) AS referenced,
       CASE con.confdeltype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                            WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END AS on_delete,
       CASE con.confupdtype WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL'
                            WHEN 'd' THEN 'SET DEFAULT' ELSE 'NO ACTION' END AS on_update,
       con.convalidated AS validated,
       COALESCE((pg_catalog.to_jsonb(con) ->> 'conenforced')::boolean, true) AS enforced,
       COALESCE((SELECT pg_catalog.string_agg(DISTINCT t.tgenabled::text, '')
                   FROM pg_catalog.pg_trigger AS t
                  WHERE t.tgconstraint = con.oid AND t.tgenabled IN ('D', 'R')), '') AS off
  FROM pg_catalog.pg_constraint AS con
  JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_class AS rc ON rc.oid = con.confrelid
  LEFT JOIN pg_catalog.pg_namespace AS rn ON rn.oid = rc.relnamespace
 WHERE con.contype IN ('c', 'f', 'p', 'u', 'x')
   AND n.nspname NOT LIKE 'pg\_%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
 ORDER BY n.nspname, c.relname, con.conname;
