-- The schema that pg_stat_statements is in, and the number of this database, by which its rows are told apart.
SELECT n.nspname AS schema,
       d.oid AS database
  FROM pg_catalog.pg_extension AS e
  JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
  JOIN pg_catalog.pg_database AS d ON d.datname = pg_catalog.current_database()
 WHERE e.extname = 'pg_stat_statements';
