-- What objects are called, by catalog and OID (pg_identify_object, 9.27 of the manual). NULL for what is not there.
SELECT u.catalog,
       u.number,
       o.type,
       o.identity
  FROM ROWS FROM (pg_catalog.unnest(%(catalogs)s::pg_catalog.oid[]), pg_catalog.unnest(%(numbers)s::pg_catalog.oid[]))
       AS u (catalog, number)
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(u.catalog, u.number, 0) AS o;
