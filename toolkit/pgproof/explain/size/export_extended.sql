-- Extended statistics (53.14 and 53.52 of the manual) as whoever may read pg_statistic_ext_data sees them: numbers of
-- combinations, functional dependencies, most common combinations. `columns` are names by number, of which the figures
-- speak, `keys` those in the order of values of a combination, behind which those of expressions stand; an expression has
-- a negative number. Before 15 a table had one row of them, a partitioned one that of its parts.
SELECT n.nspname::text AS schema,
       e.stxname::text AS name,
       t.nspname::text AS table_schema,
       c.relname::text AS "table",
       e.stxkind::text[] AS kinds,
       coalesce((pg_catalog.to_jsonb(d) ->> 'stxdinherit')::boolean, c.relkind = 'p') AS inherited,
       d.stxdndistinct::text::jsonb AS "distinct",
       d.stxddependencies::text::jsonb AS dependencies,
       (SELECT pg_catalog.jsonb_agg(
                   pg_catalog.jsonb_build_array(i.values, i.nulls, i.frequency, i.base_frequency) ORDER BY i.index)
          FROM pg_catalog.pg_mcv_list_items(d.stxdmcv) AS i) AS items,
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum = ANY (e.stxkeys::smallint[])
              ORDER BY a.attnum) AS keys,
       (SELECT coalesce(pg_catalog.jsonb_object_agg(a.attnum, a.attname), '{}')
          FROM pg_catalog.pg_attribute AS a
         WHERE a.attrelid = c.oid AND a.attnum = ANY (e.stxkeys::smallint[])) AS columns,
       CASE WHEN d IS NULL OR pg_catalog.num_nulls(d.stxdndistinct, d.stxddependencies, d.stxdmcv, d.stxdexpr) = 4
            THEN 'analyze'
            ELSE ''
       END AS reason
  FROM pg_catalog.pg_statistic_ext AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.stxnamespace
  JOIN pg_catalog.pg_class AS c ON c.oid = e.stxrelid
  JOIN pg_catalog.pg_namespace AS t ON t.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_statistic_ext_data AS d ON d.stxoid = e.oid
 WHERE t.nspname NOT LIKE 'pg\_%%'
   AND t.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR t.nspname = ANY (%(schemas)s::text[]))
 ORDER BY 1, 2, 6;
