-- Writes what is known of the expressions of extended statistics, NULL where nothing is. Only in a cluster of our own. They
-- are rows of pg_statistic that are of no relation (serialize_expr_stats in src/backend/statistics/extended_stats.c).
UPDATE pg_catalog.pg_statistic_ext_data AS d
   SET stxdexpr = e.known
  FROM (
      SELECT r.number,
             pg_catalog.array_agg(
                 CASE WHEN r.is_known THEN ROW(
                     0::oid,
                     0::smallint,
                     false,
                     r.nulls::real,
                     r.width,
                     r."distinct"::real,
                     coalesce(r.kind1, 0)::smallint,
                     coalesce(r.kind2, 0)::smallint,
                     coalesce(r.kind3, 0)::smallint,
                     coalesce(r.kind4, 0)::smallint,
                     coalesce(r.kind5, 0)::smallint,
                     coalesce(r.operator1, 0)::oid,
                     coalesce(r.operator2, 0)::oid,
                     coalesce(r.operator3, 0)::oid,
                     coalesce(r.operator4, 0)::oid,
                     coalesce(r.operator5, 0)::oid,
                     coalesce(r.collation1, 0)::oid,
                     coalesce(r.collation2, 0)::oid,
                     coalesce(r.collation3, 0)::oid,
                     coalesce(r.collation4, 0)::oid,
                     coalesce(r.collation5, 0)::oid,
                     r.numbers1::real[],
                     r.numbers2::real[],
                     r.numbers3::real[],
                     r.numbers4::real[],
                     r.numbers5::real[],
                     pg_catalog.array_in(pg_catalog.textout(r.values1), r.type1::oid, -1),
                     pg_catalog.array_in(pg_catalog.textout(r.values2), r.type2::oid, -1),
                     pg_catalog.array_in(pg_catalog.textout(r.values3), r.type3::oid, -1),
                     pg_catalog.array_in(pg_catalog.textout(r.values4), r.type4::oid, -1),
                     pg_catalog.array_in(pg_catalog.textout(r.values5), r.type5::oid, -1)
                 )::pg_catalog.pg_statistic END
                 ORDER BY r.place
             ) AS known
        FROM pg_catalog.jsonb_to_recordset(%(rows)s::jsonb) AS r(
                 number bigint, place int, is_known boolean, nulls float8, width int, "distinct" float8,
                 kind1 int, operator1 bigint, collation1 bigint, numbers1 text, values1 text, type1 bigint,
                 kind2 int, operator2 bigint, collation2 bigint, numbers2 text, values2 text, type2 bigint,
                 kind3 int, operator3 bigint, collation3 bigint, numbers3 text, values3 text, type3 bigint,
                 kind4 int, operator4 bigint, collation4 bigint, numbers4 text, values4 text, type4 bigint,
                 kind5 int, operator5 bigint, collation5 bigint, numbers5 text, values5 text, type5 bigint
             )
       GROUP BY r.number
  ) AS e
 WHERE d.stxoid = e.number::oid;
