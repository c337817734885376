-- What is known of the columns of tables and of the expressions of indexes (53.51 of the manual), as whoever may read
-- pg_statistic sees it: `expression` is SQL, "" of a column, and `position` is that in the table or the index. ANALYZE
-- keeps bounds of ranges as kind 7, their lengths and the share of empty ones as kind 6 (src/include/catalog/pg_statistic.h).
-- `reason` is why nothing is known: row security, or never analysed. `top` is the partitioned index that one is part of.
SELECT n.nspname::text AS schema,
       c.relname::text AS "table",
       a.attname::text AS "column",
       a.attnum::int AS position,
       CASE WHEN c.relkind = 'i' THEN pg_catalog.pg_get_indexdef(c.oid, a.attnum, false) ELSE '' END AS expression,
       o.nspname::text AS owner_schema,
       t.relname::text AS owner,
       h.nspname::text AS top_schema,
       h.relname::text AS top,
       a.atttypid::bigint AS type,
       coalesce(s.stainherit, false) AS inherited,
       s.stanullfrac::float8 AS nulls,
       s.stawidth AS width,
       s.stadistinct::float8 AS "distinct",
       k.correlation,
       k.values,
       k.frequencies,
       k.bounds,
       k.elements,
       k.element_frequencies,
       k.element_counts,
       k.empty,
       k.lengths,
       k.ranges,
       true AS is_told,
       CASE WHEN t.relrowsecurity AND pg_catalog.row_security_active(t.oid) THEN 'row security'
            WHEN s.starelid IS NULL THEN 'analyze'
            ELSE ''
       END AS reason
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
  JOIN pg_catalog.pg_class AS t ON t.oid = coalesce(i.indrelid, c.oid)
  JOIN pg_catalog.pg_namespace AS o ON o.oid = t.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN LATERAL (
      SELECT m.nspname, p.relname
        FROM pg_catalog.pg_class AS p
        JOIN pg_catalog.pg_namespace AS m ON m.oid = p.relnamespace
       WHERE c.relkind = 'i' AND p.oid = pg_catalog.pg_partition_root(c.oid)
  ) AS h ON true
  LEFT JOIN pg_catalog.pg_statistic AS s ON s.starelid = c.oid AND s.staattnum = a.attnum
  LEFT JOIN LATERAL (
      SELECT pg_catalog.max(v.values) FILTER (WHERE v.kind = 1)::text[] AS values,
             pg_catalog.max(v.numbers) FILTER (WHERE v.kind = 1)::float8[] AS frequencies,
             pg_catalog.max(v.values) FILTER (WHERE v.kind = 2)::text[] AS bounds,
             (pg_catalog.max(v.numbers) FILTER (WHERE v.kind = 3))[1]::float8 AS correlation,
             pg_catalog.max(v.values) FILTER (WHERE v.kind = 4)::text[] AS elements,
             pg_catalog.max(v.numbers) FILTER (WHERE v.kind = 4)::float8[] AS element_frequencies,
             pg_catalog.max(v.numbers) FILTER (WHERE v.kind = 5)::float8[] AS element_counts,
             (pg_catalog.max(v.numbers) FILTER (WHERE v.kind = 6))[1]::float8 AS empty,
             pg_catalog.max(v.values) FILTER (WHERE v.kind = 6)::float8[] AS lengths,
             pg_catalog.max(v.values) FILTER (WHERE v.kind = 7)::text[] AS ranges
        FROM (VALUES (s.stakind1, s.stanumbers1, s.stavalues1::text),
                     (s.stakind2, s.stanumbers2, s.stavalues2::text),
                     (s.stakind3, s.stanumbers3, s.stavalues3::text),
                     (s.stakind4, s.stanumbers4, s.stavalues4::text),
                     (s.stakind5, s.stanumbers5, s.stavalues5::text)) AS v (kind, numbers, values)
  ) AS k ON true
 WHERE (c.relkind IN ('r', 'p', 'm') OR (c.relkind = 'i' AND i.indkey[a.attnum - 1] = 0))
   AND n.nspname NOT LIKE 'pg\_%%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR n.nspname = ANY (%(schemas)s::text[]))
 ORDER BY n.nspname, c.relname, a.attnum, inherited;
