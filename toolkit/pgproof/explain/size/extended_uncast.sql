-- Takes back what extended_casts.sql has made.
DROP CAST (pg_catalog.bytea AS pg_catalog.pg_ndistinct);
DROP CAST (pg_catalog.bytea AS pg_catalog.pg_dependencies);
DROP CAST (pg_catalog.bytea AS pg_catalog.pg_mcv_list);
