-- What is known of the expressions of extended statistics, as whoever may read pg_statistic_ext_data sees it: `position` is
-- the number of the expression, from -1 down. Before 15 a table had one row of them, a partitioned one that of its parts.
SELECT n.nspname::text AS schema,
       e.stxname::text AS name,
       coalesce((pg_catalog.to_jsonb(d) ->> 'stxdinherit')::boolean, c.relkind = 'p') AS inherited,
       (-s.place)::int AS position,
       (pg_catalog.pg_get_statisticsobjdef_expressions(e.oid))[s.place] AS expression,
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
       k.ranges
  FROM pg_catalog.pg_statistic_ext AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
  JOIN pg_catalog.pg_class AS c ON c.oid = e.stxrelid
  JOIN pg_catalog.pg_namespace AS t ON t.oid = c.relnamespace
  JOIN pg_catalog.pg_statistic_ext_data AS d ON d.stxoid = e.oid
 CROSS JOIN LATERAL (
      SELECT u.*, pg_catalog.row_number() OVER () AS place FROM pg_catalog.unnest(d.stxdexpr) AS u
  ) AS s
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
 WHERE s.starelid IS NOT NULL
   AND t.nspname NOT LIKE 'pg\_%%'
   AND t.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR t.nspname = ANY (%(schemas)s::text[]))
 ORDER BY 1, 2, 3, 4 DESC;
