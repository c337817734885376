-- What is known of the columns of tables, for those that this role may read (11.2 and 53.27 of the manual: pg_stats
-- shows no others). `is_listed` tells enumerations and booleans, whose values are part of the schema. `reason` is why
-- nothing is known: no privilege, row security, or never analysed; `kept` what else ANALYZE knows of arrays and ranges.
SELECT n.nspname::text AS schema,
       c.relname::text AS "table",
       a.attname::text AS "column",
       pg_catalog.format_type(coalesce(nullif(t.typbasetype, 0), t.oid), NULL) AS type,
       coalesce(s.inherited, false) AS inherited,
       t.typtype = 'e' OR t.oid = 'pg_catalog.bool'::regtype AS is_listed,
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
       pg_catalog.format_type(e.oid, NULL) AS element_type,
       coalesce(e.typtype = 'e' OR e.oid = 'pg_catalog.bool'::regtype, false) AS elements_are_listed,
       CASE WHEN s.most_common_elems IS NOT NULL OR s.elem_count_histogram IS NOT NULL THEN 'elements'
            WHEN s.attname IS NOT NULL AND coalesce(b.typtype, t.typtype) IN ('r', 'm') THEN 'ranges'
            ELSE ''
       END AS kept,
       CASE WHEN s.attname IS NOT NULL THEN ''
            WHEN NOT pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') THEN 'privilege'
            WHEN c.relrowsecurity AND pg_catalog.row_security_active(c.oid) THEN 'row security'
            ELSE 'analyze'
       END AS reason
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_catalog.pg_type AS b ON b.oid = nullif(t.typbasetype, 0)
  LEFT JOIN pg_catalog.pg_type AS e ON e.oid = coalesce(nullif(b.typelem, 0), nullif(t.typelem, 0))
  LEFT JOIN pg_catalog.pg_stats AS s
    ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
 WHERE c.relkind IN ('r', 'p', 'm')
   AND n.nspname NOT LIKE 'pg\_%%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR n.nspname = ANY (%(schemas)s::text[]))
 ORDER BY n.nspname, c.relname, a.attnum, s.inherited;
