-- Takes back extended statistics that are written anew, of PostgreSQL 15 and later. Only in a cluster of our own.
DELETE FROM pg_catalog.pg_statistic_ext_data
 WHERE stxoid = ANY (%(numbers)s::oid[]);
