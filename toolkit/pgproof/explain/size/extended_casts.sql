-- Extended statistics have no input: their bytes are taken for what they are. Only in a cluster of our own, and until
-- they are written.
CREATE CAST (pg_catalog.bytea AS pg_catalog.pg_ndistinct) WITHOUT FUNCTION;
CREATE CAST (pg_catalog.bytea AS pg_catalog.pg_dependencies) WITHOUT FUNCTION;
CREATE CAST (pg_catalog.bytea AS pg_catalog.pg_mcv_list) WITHOUT FUNCTION;
