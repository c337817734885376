-- What refuses rows of the tables that hold rows themselves: constraints, unique indexes, NOT NULLs, constraint
-- triggers. What a partition has from its root is there once for each partition, with the root's name beside it; what
-- it has of its own is its own. `top` is the root of both. `off` are the states of its triggers that do not fire:
-- (D)isabled, only on a (R)eplica. conenforced and conperiod came with 18, and with it NOT NULLs in pg_constraint.
-- No list of all constraints may be read once for each of them: of thousands of tables that takes minutes. An anti join
-- would be taken to leave one row, and what follows would be done so.
WITH RECURSIVE held AS (
    SELECT c.oid, c.relname, n.nspname, r.oid AS root_oid, r.relname AS root, rn.nspname AS root_schema
      FROM pg_catalog.pg_class AS c
      JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class AS r
        ON r.oid = CASE WHEN c.relispartition THEN pg_catalog.pg_partition_root(c.oid) ELSE c.oid END
      JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
     WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_'
       AND n.nspname NOT IN ('information_schema', 'pgproof')
       AND NOT EXISTS (
           SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), above AS (
    SELECT c.oid AS one, c.oid AS other, c.conparentid AS next FROM pg_catalog.pg_constraint AS c
     UNION ALL
    SELECT a.one, c.oid, c.conparentid FROM above AS a JOIN pg_catalog.pg_constraint AS c ON c.oid = a.next
)
SELECT h.oid::int8 AS "table",
       h.nspname::text AS schema,
       h.relname::text AS table_name,
       (CASE WHEN w.is_own THEN h.nspname ELSE h.root_schema END)::text AS root_schema,
       (CASE WHEN w.is_own THEN h.relname ELSE h.root END)::text AS root,
       h.root_schema::text AS top_schema,
       h.root::text AS top,
       c.conname::text AS name,
       o.conname::text AS root_name,
       c.contype::text AS kind,
       ARRAY(SELECT a.attname::text FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY AS k(number, place)
               JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number
              ORDER BY k.place) AS columns,
       COALESCE(pg_catalog.pg_get_expr(c.conbin, c.conrelid), '') AS condition,
       c.convalidated AS is_validated,
       COALESCE((pg_catalog.to_jsonb(c) ->> 'conenforced')::boolean, true) AS is_enforced,
       c.connoinherit AND c.contype = 'c' AS is_own,
       c.condeferred AS is_deferred,
       c.confmatchtype = 'f' AS is_full,
       COALESCE((pg_catalog.to_jsonb(c) ->> 'conperiod')::boolean, false) AS has_period,
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, true)
               FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k ORDER BY k) AS keys,
       ARRAY(SELECT n.nspname::text || '.' || o.oprname::text
               FROM pg_catalog.unnest(c.conexclop) WITH ORDINALITY AS k(number, place)
               JOIN pg_catalog.pg_operator AS o ON o.oid = k.number
               JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace ORDER BY k.place) AS operators,
       COALESCE(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
       COALESCE((SELECT pg_catalog.string_agg(DISTINCT t.tgenabled::text, '')
                   FROM pg_catalog.pg_trigger AS t
                  WHERE t.tgconstraint = c.oid AND t.tgenabled IN ('D', 'R')), '') AS off
  FROM pg_catalog.pg_constraint AS c
  JOIN held AS h ON h.oid = c.conrelid
  CROSS JOIN LATERAL (
      SELECT CASE c.contype
             WHEN 'c' THEN c.coninhcount = 0
             WHEN 't' THEN EXISTS (
                 SELECT FROM pg_catalog.pg_trigger AS t WHERE t.tgconstraint = c.oid AND t.tgparentid = 0)
             ELSE c.conparentid = 0 END AS is_own) AS w
  LEFT JOIN above AS a ON a.one = c.oid AND a.next = 0
  LEFT JOIN pg_catalog.pg_constraint AS o ON o.oid = a.other
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x')
 WHERE c.contype IN ('c', 'f', 'p', 't', 'u', 'x')
   AND (c.conparentid = 0 OR c.conrelid IS DISTINCT FROM (
       SELECT p.conrelid FROM pg_catalog.pg_constraint AS p WHERE p.oid = c.conparentid))
UNION ALL
SELECT h.oid::int8, h.nspname::text, h.relname::text,
       (CASE WHEN x.relispartition THEN h.root_schema ELSE h.nspname END)::text,
       (CASE WHEN x.relispartition THEN h.root ELSE h.relname END)::text,
       h.root_schema::text, h.root::text, x.relname::text,
       (SELECT r.relname::text FROM pg_catalog.pg_class AS r
         WHERE r.oid = CASE WHEN x.relispartition THEN pg_catalog.pg_partition_root(x.oid) ELSE x.oid END),
       'i', '{}', '', i.indisvalid, true, false, false, false, false,
       ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, true)
               FROM pg_catalog.generate_series(1, i.indnkeyatts) AS k ORDER BY k),
       '{}', COALESCE(pg_catalog.pg_get_expr(i.indpred, i.indrelid), ''), ''
  FROM pg_catalog.pg_index AS i
  JOIN held AS h ON h.oid = i.indrelid
  JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
 WHERE i.indisunique
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint AS c WHERE c.conindid = i.indexrelid AND c.contype <> 'f')
UNION ALL
SELECT h.oid::int8, h.nspname::text, h.relname::text,
       (CASE WHEN r.attnotnull THEN h.root_schema ELSE h.nspname END)::text,
       (CASE WHEN r.attnotnull THEN h.root ELSE h.relname END)::text,
       h.root_schema::text, h.root::text, a.attname::text, a.attname::text, 'n', ARRAY[a.attname::text], '',
       COALESCE(c.convalidated, true), true, COALESCE(c.connoinherit, false), false, false, false,
       '{}', '{}', '', ''
  FROM pg_catalog.pg_attribute AS a
  JOIN held AS h ON h.oid = a.attrelid
  LEFT JOIN pg_catalog.pg_attribute AS r ON r.attrelid = h.root_oid AND r.attname = a.attname
  LEFT JOIN pg_catalog.pg_constraint AS c
    ON c.conrelid = a.attrelid AND c.contype = 'n' AND c.conkey = ARRAY[a.attnum]
 WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY 2, 3, 10, 8;
