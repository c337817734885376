-- Writes rows of pg_statistic. Only in a cluster of our own: ANALYZE's own catalog is written to, which a superuser
-- may without allow_system_table_mods. array_in gives the values the type that the column has.
INSERT INTO pg_catalog.pg_statistic (
    starelid, staattnum, stainherit, stanullfrac, stawidth, stadistinct,
    stakind1, staop1, stacoll1, stanumbers1, stavalues1,
    stakind2, staop2, stacoll2, stanumbers2, stavalues2,
    stakind3, staop3, stacoll3, stanumbers3, stavalues3,
    stakind4, staop4, stacoll4, stanumbers4, stavalues4,
    stakind5, staop5, stacoll5, stanumbers5, stavalues5
)
SELECT r.relation::oid,
       r.position::smallint,
       r.inherited,
       r.nulls::real,
       r.width,
       r."distinct"::real,
       coalesce(r.kind1, 0)::smallint,
       coalesce(r.operator1, 0)::oid,
       coalesce(r.collation1, 0)::oid,
       r.numbers1::real[],
       pg_catalog.array_in(pg_catalog.textout(r.values1), r.type1::oid, -1),
       coalesce(r.kind2, 0)::smallint,
       coalesce(r.operator2, 0)::oid,
       coalesce(r.collation2, 0)::oid,
       r.numbers2::real[],
       pg_catalog.array_in(pg_catalog.textout(r.values2), r.type2::oid, -1),
       coalesce(r.kind3, 0)::smallint,
       coalesce(r.operator3, 0)::oid,
       coalesce(r.collation3, 0)::oid,
       r.numbers3::real[],
       pg_catalog.array_in(pg_catalog.textout(r.values3), r.type3::oid, -1),
       coalesce(r.kind4, 0)::smallint,
       coalesce(r.operator4, 0)::oid,
       coalesce(r.collation4, 0)::oid,
       r.numbers4::real[],
       pg_catalog.array_in(pg_catalog.textout(r.values4), r.type4::oid, -1),
       coalesce(r.kind5, 0)::smallint,
       coalesce(r.operator5, 0)::oid,
       coalesce(r.collation5, 0)::oid,
       r.numbers5::real[],
       pg_catalog.array_in(pg_catalog.textout(r.values5), r.type5::oid, -1)
  FROM pg_catalog.jsonb_to_recordset(%(rows)s::jsonb) AS r(
           relation bigint, position int, inherited boolean, nulls float8, width int, "distinct" float8,
           kind1 int, operator1 bigint, collation1 bigint, numbers1 text, values1 text, type1 bigint,
           kind2 int, operator2 bigint, collation2 bigint, numbers2 text, values2 text, type2 bigint,
           kind3 int, operator3 bigint, collation3 bigint, numbers3 text, values3 text, type3 bigint,
           kind4 int, operator4 bigint, collation4 bigint, numbers4 text, values4 text, type4 bigint,
           kind5 int, operator5 bigint, collation5 bigint, numbers5 text, values5 text, type5 bigint
       );
