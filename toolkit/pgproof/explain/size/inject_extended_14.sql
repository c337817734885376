-- Writes extended statistics, of PostgreSQL 14, where CREATE STATISTICS has made the row. Only in a cluster of our own.
UPDATE pg_catalog.pg_statistic_ext_data AS d
   SET stxdndistinct = pg_catalog.decode(r."distinct", 'hex')::pg_catalog.pg_ndistinct,
       stxddependencies = pg_catalog.decode(r.dependencies, 'hex')::pg_catalog.pg_dependencies,
       stxdmcv = pg_catalog.decode(r.combinations, 'hex')::pg_catalog.pg_mcv_list,
       stxdexpr = NULL
  FROM pg_catalog.jsonb_to_recordset(%(rows)s::jsonb)
           AS r(number bigint, "distinct" text, dependencies text, combinations text)
 WHERE d.stxoid = r.number::oid;
