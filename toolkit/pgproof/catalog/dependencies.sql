-- What depends on what: catalog, OID and column of both. Only what users have made; pins and members are left out.
SELECT d.classid,
       d.objid,
       d.objsubid,
       d.refclassid,
       d.refobjid,
       d.refobjsubid
  FROM pg_catalog.pg_depend AS d
 WHERE d.objid >= 16384
   AND d.refobjid >= 16384
   AND d.deptype IN ('n', 'a', 'i', 'P', 'S');
