-- As export_expressions.sql has it, as whoever may not read pg_statistic_ext_data sees it: pg_stats_ext_exprs shows of each
-- table what its owner may see (54.29 of the manual), without what is known of ranges.
SELECT n.nspname::text AS schema,
       e.stxname::text AS name,
       coalesce((pg_catalog.to_jsonb(s) ->> 'inherited')::boolean, c.relkind = 'p') AS inherited,
       -pg_catalog.array_position(pg_catalog.pg_get_statisticsobjdef_expressions(e.oid), s.expr) AS position,
       s.expr AS expression,
       s.null_frac::float8 AS nulls,
       s.avg_width AS width,
       s.n_distinct::float8 AS "distinct",
       s.correlation::float8 AS correlation,
       s.most_common_vals::text::text[] AS values,
       s.most_common_freqs::float8[] AS frequencies,
       s.histogram_bounds::text::text[] AS bounds,
       s.most_common_elems::text::text[] AS elements,
       s.most_common_elem_freqs::float8[] AS element_frequencies,
       s.elem_count_histogram::float8[] AS element_counts,
       NULL::float8 AS empty,
       NULL::float8[] AS lengths,
       NULL::text[] AS ranges
  FROM pg_catalog.pg_statistic_ext AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
  JOIN pg_catalog.pg_class AS c ON c.oid = e.stxrelid
  JOIN pg_catalog.pg_namespace AS t ON t.oid = c.relnamespace
  JOIN pg_catalog.pg_stats_ext_exprs AS s
    ON s.statistics_schemaname = n.nspname AND s.statistics_name = e.stxname
 WHERE s.null_frac IS NOT NULL
   AND t.nspname NOT LIKE 'pg\_%%'
   AND t.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR t.nspname = ANY (%(schemas)s::text[]))
 ORDER BY 1, 2, 3, 4 DESC;
