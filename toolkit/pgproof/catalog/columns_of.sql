-- What the columns of these relations are called, by number.
SELECT a.attrelid,
       a.attnum,
       a.attname
  FROM pg_catalog.pg_attribute AS a
 WHERE a.attrelid = ANY (%(relations)s::pg_catalog.oid[])
   AND a.attnum > 0
   AND NOT a.attisdropped;
