-- The name of a type without its modifier, where it is one of the server's own and no domain, enumeration or row.
SELECT pg_catalog.format_type(t.oid, NULL)
  FROM pg_catalog.pg_type AS t
 WHERE t.oid = pg_catalog.to_regtype(%(type)s)
   AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
   AND t.typtype = 'b';
