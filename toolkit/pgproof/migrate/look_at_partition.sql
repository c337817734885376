-- Whether a table is a partition of another still: no row if not; true where only the end of detaching it is missing.
SELECT inhdetachpending
  FROM pg_catalog.pg_inherits
 WHERE inhrelid = pg_catalog.to_regclass(%(name)s)
   AND inhparent = pg_catalog.to_regclass(%(table)s);
