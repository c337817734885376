-- The relations that are not as they were made: the file's length, the pages and rows of pg_class, the number of
-- columns that statistics are there for, and of what is known of columns together and of expressions (but for lists of
-- combinations, which may be left out). None may be found before plans are asked for.
SELECT r.name,
       pg_catalog.pg_relation_size(c.oid) AS bytes,
       c.relpages::bigint & 4294967295 AS pages,
       c.reltuples AS rows,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_statistic AS s WHERE s.starelid = c.oid) AS columns
  FROM pg_catalog.jsonb_to_recordset(%(rows)s::jsonb)
           AS r(number bigint, name text, bytes bigint, pages bigint, rows float8, columns bigint, extended bigint)
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = r.number::oid
  LEFT JOIN LATERAL (
      SELECT pg_catalog.sum(pg_catalog.num_nonnulls(d.stxdndistinct, d.stxddependencies)
                            + coalesce(pg_catalog.cardinality(d.stxdexpr), 0)) AS number
        FROM pg_catalog.pg_statistic_ext AS e
        JOIN pg_catalog.pg_statistic_ext_data AS d ON d.stxoid = e.oid
       WHERE e.stxrelid = c.oid
  ) AS x ON true
 WHERE c.oid IS NULL
    OR pg_catalog.pg_relation_size(c.oid) <> r.bytes
    OR (c.relpages::bigint & 4294967295) <> r.pages
    OR c.reltuples <> r.rows::real
    OR (SELECT pg_catalog.count(*) FROM pg_catalog.pg_statistic AS s WHERE s.starelid = c.oid) <> r.columns
    OR coalesce(x.number, 0) <> r.extended;
