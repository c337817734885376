-- The columns of the given relations (of indexes, their keys), by relation and position. `type` is the type below
-- domains, `modifier` is atttypmod, of a column or of its domain.
WITH RECURSIVE below AS (
    SELECT a.attrelid,
           a.attnum,
           a.atttypid AS type,
           a.atttypmod AS modifier
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = ANY (%(numbers)s::oid[])
       AND a.attnum > 0
       AND NOT a.attisdropped
     UNION ALL
    SELECT b.attrelid,
           b.attnum,
           t.typbasetype,
           CASE WHEN t.typtypmod >= 0 THEN t.typtypmod ELSE b.modifier END
      FROM below AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
)
SELECT b.attrelid::bigint AS relation,
       b.attnum::int AS position,
       a.attname::text AS name,
       a.attnotnull AS not_null,
       t.oid::bigint AS type,
       b.modifier AS modifier,
       a.attcollation::bigint AS collation,
       a.attlen::int AS length,
       a.attalign::text AS align,
       coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') AS "default",
       a.attidentity <> '' AS is_identity
  FROM below AS b
  JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype <> 'd'
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = b.attrelid AND a.attnum = b.attnum
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = b.attrelid AND d.adnum = b.attnum
 ORDER BY b.attrelid, b.attnum;
