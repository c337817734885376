-- As export_extended.sql has it, as whoever may not read pg_statistic_ext_data sees it: pg_stats_ext shows of each
-- table what its owner may see (54.28 of the manual).
SELECT n.nspname::text AS schema,
       e.stxname::text AS name,
       t.nspname::text AS table_schema,
       c.relname::text AS "table",
       e.stxkind::text[] AS kinds,
       coalesce((pg_catalog.to_jsonb(s) ->> 'inherited')::boolean, c.relkind = 'p') AS inherited,
       s.n_distinct::text::jsonb AS "distinct",
       s.dependencies::text::jsonb AS dependencies,
       (SELECT pg_catalog.jsonb_agg(
                   pg_catalog.jsonb_build_array(
                       pg_catalog.to_jsonb(s.most_common_vals) -> n.place - 1,
                       pg_catalog.to_jsonb(s.most_common_val_nulls) -> n.place - 1,
                       s.most_common_freqs[n.place],
                       s.most_common_base_freqs[n.place])
                   ORDER BY n.place)
          FROM pg_catalog.generate_series(1, pg_catalog.array_length(s.most_common_freqs, 1)) AS n (place)) AS items,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum = ANY (e.stxkeys::smallint[])
              ORDER BY a.attnum) AS keys,
       (SELECT coalesce(pg_catalog.jsonb_object_agg(a.attnum, a.attname), '{}')
          FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = c.oid AND a.attnum = ANY (e.stxkeys::smallint[])) AS columns,
       CASE WHEN s.statistics_name IS NOT NULL THEN ''
            WHEN NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') THEN 'privilege'
            WHEN c.relrowsecurity AND pg_catalog.row_security_active(c.oid) THEN 'row security'
            ELSE 'analyze'
       END AS reason
  FROM pg_catalog.pg_statistic_ext AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
  JOIN pg_catalog.pg_class AS c ON c.oid = e.stxrelid
  JOIN pg_catalog.pg_namespace AS t ON t.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_stats_ext AS s
    ON s.statistics_schemaname = n.nspname AND s.statistics_name = e.stxname
 WHERE t.nspname NOT LIKE 'pg\_%%'
   AND t.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR t.nspname = ANY (%(schemas)s::text[]))
 ORDER BY 1, 2, 6;
