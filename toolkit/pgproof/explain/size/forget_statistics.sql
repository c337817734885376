-- Takes back what is known of the columns of the given relations. Only in a cluster of our own.
DELETE FROM pg_catalog.pg_statistic
 WHERE starelid = ANY (%(numbers)s::oid[]);
