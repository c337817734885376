-- Columns of the user's tables, with their defaults as the server writes them. The base type is written by its name
-- in pg_type: format_type's "character" and "bit" would mean character(1) and bit(1), and a domain has conditions.
WITH RECURSIVE under (oid, base) AS (
    SELECT t.oid, t.oid
      FROM pg_catalog.pg_type AS t
     WHERE t.typtype <> 'd'
     UNION ALL
    SELECT t.oid, u.base
      FROM under AS u
      JOIN pg_catalog.pg_type AS t ON t.typbasetype = u.oid
     WHERE t.typtype = 'd'
)
SELECT n.nspname AS schema,
       c.relname AS "table",
       a.attname AS name,
       a.attnum::int AS position,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       pg_catalog.quote_ident(bn.nspname) || '.' || pg_catalog.quote_ident(b.typname) AS base_type,
       a.attnotnull AS not_null,
       pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS "default",
       a.attidentity <> '' AS identity,
       a.attgenerated <> '' AS generated,
       a.atttypid <> u.base AS domain
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN under AS u ON u.oid = a.atttypid
  JOIN pg_catalog.pg_type AS b ON b.oid = u.base
  JOIN pg_catalog.pg_namespace AS bn ON bn.oid = b.typnamespace
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE a.attnum > 0
   AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
   AND c.relpersistence <> 't'
   AND n.nspname NOT LIKE 'pg\_%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
 ORDER BY n.nspname, c.relname, a.attnum;
