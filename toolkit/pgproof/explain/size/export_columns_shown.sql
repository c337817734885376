-- As export_columns.sql has it, as whoever may not read pg_statistic sees it: pg_stats shows the columns that this role
-- may read, of indexes only to their owner and whoever may read all data (54.27 of the manual), and what is known of
-- ranges since 17. `is_told` is whether this server does. `reason` may be no privilege, too.
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
       coalesce(s.inherited, false) AS inherited,
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
       (k.shown ->> 'range_empty_frac')::real::float8 AS empty,
       k.shown -> 'range_length_histogram' AS lengths,
       k.shown -> 'range_bounds_histogram' AS ranges,
       pg_catalog.current_setting('server_version_num')::int >= 170000 AS is_told,
       CASE WHEN s.attname IS NOT NULL THEN ''
            WHEN NOT pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') THEN
                CASE WHEN c.relkind = 'i' THEN 'index' ELSE 'privilege' END
            WHEN t.relrowsecurity AND pg_catalog.row_security_active(t.oid) THEN 'row security'
            ELSE 'analyze'
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
  LEFT JOIN pg_catalog.pg_stats AS s
    ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
  LEFT JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_type AS b ON b.oid = nullif(y.typbasetype, 0)
  LEFT JOIN LATERAL (
      SELECT pg_catalog.to_jsonb(s) AS shown WHERE coalesce(b.typtype, y.typtype) IN ('r', 'm')
  ) AS k ON true
 WHERE (c.relkind IN ('r', 'p', 'm') OR (c.relkind = 'i' AND i.indkey[a.attnum - 1] = 0))
   AND n.nspname NOT LIKE 'pg\_%%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR n.nspname = ANY (%(schemas)s::text[]))
 ORDER BY n.nspname, c.relname, a.attnum, inherited;
