-- The columns of ordinary tables, as they are cast to. `is_needed` are NOT NULL, by themselves or by a domain, or what
-- that is a domain over. `is_own` are those to which the server gives a value itself.
SELECT a.attrelid::int8 AS "table",
       a.attnum::int8 AS number,
       a.attname::text AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.atttypid::int8 AS type_number,
       a.attnotnull OR EXISTS (
           WITH RECURSIVE base AS (
               SELECT t.typbasetype, t.typnotnull
                UNION ALL
               SELECT b.typbasetype, b.typnotnull FROM base JOIN pg_catalog.pg_type AS b ON b.oid = base.typbasetype)
           SELECT FROM base WHERE base.typnotnull) AS is_needed,
       a.attidentity <> '' AS is_identity,
       a.attgenerated <> '' AS is_generated,
       CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) ELSE '' END AS computed,
       CASE WHEN a.attgenerated = '' THEN COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid), '') ELSE '' END AS "default",
       a.attidentity <> '' OR a.attgenerated <> ''
           OR COALESCE(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', false) AS is_own
  FROM pg_catalog.pg_attribute AS a
  JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attrelid, a.attnum;
