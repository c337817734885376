-- The members of extensions that are not part of every database: catalog and OID.
SELECT d.classid,
       d.objid
  FROM pg_catalog.pg_depend AS d
 WHERE d.deptype = 'e'
   AND d.objid >= 16384;
