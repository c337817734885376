-- The constraints of domains: a CHECK by its name, a NOT NULL by that of the domain. `base` is what it is over, also a
-- domain; `is_over` are all domains that are over it, itself too, by their numbers.
WITH RECURSIVE over AS (
    SELECT t.oid AS one, t.oid AS other FROM pg_catalog.pg_type AS t WHERE t.typtype = 'd'
     UNION ALL
    SELECT o.one, t.oid FROM over AS o JOIN pg_catalog.pg_type AS t ON t.typbasetype = o.other AND t.typtype = 'd'
)
SELECT n.nspname::text AS schema,
       t.typname::text AS domain,
       g.name,
       g.kind,
       pg_catalog.format_type(t.typbasetype, t.typtypmod) AS base,
       t.typbasetype::int8 AS base_number,
       g.condition,
       ARRAY(SELECT o.other::int8 FROM over AS o WHERE o.one = t.oid ORDER BY o.other) AS is_over
  FROM pg_catalog.pg_type AS t
  JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
  JOIN (
      SELECT c.contypid, c.conname::text, 'c',
             CASE WHEN c.contypid <> 0 THEN pg_catalog.pg_get_expr(c.conbin, 0) END
        FROM pg_catalog.pg_constraint AS c WHERE c.contype = 'c' AND c.contypid <> 0
       UNION ALL
      SELECT d.oid, d.typname::text, 'n', '' FROM pg_catalog.pg_type AS d WHERE d.typtype = 'd' AND d.typnotnull
  ) AS g (number, name, kind, condition) ON g.number = t.oid
 WHERE t.typtype = 'd' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'pgproof')
   AND NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = 'pg_catalog.pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
 ORDER BY 1, 2, 3;
