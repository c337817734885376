-- Writes extended statistics, of PostgreSQL 15 and later. Only in a cluster of our own.
INSERT INTO pg_catalog.pg_statistic_ext_data (stxoid, stxdinherit, stxdndistinct, stxddependencies, stxdmcv)
SELECT r.number::oid,
       r.inherited,
       pg_catalog.decode(r."distinct", 'hex')::pg_catalog.pg_ndistinct,
       pg_catalog.decode(r.dependencies, 'hex')::pg_catalog.pg_dependencies,
       pg_catalog.decode(r.combinations, 'hex')::pg_catalog.pg_mcv_list
  FROM pg_catalog.jsonb_to_recordset(%(rows)s::jsonb)
           AS r(number bigint, inherited boolean, "distinct" text, dependencies text, combinations text);
