-- Whether nobody has made anything in a database: objects of users have numbers from 16384 on (FirstNormalObjectId).
SELECT NOT EXISTS (SELECT FROM pg_catalog.pg_class WHERE oid >= 16384)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= 16384)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid >= 16384)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE oid >= 16384)
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE oid >= 16384) AS is_empty;
