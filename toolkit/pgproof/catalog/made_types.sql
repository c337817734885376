-- Types that come with a relation or another type: its OID, that of the relation (0 for none), that of the element.
SELECT t.oid,
       t.typrelid,
       t.typelem
  FROM pg_catalog.pg_type AS t
 WHERE t.oid >= 16384
   AND (t.typrelid <> 0 OR t.typelem <> 0);
