-- What belongs to others: the members of extensions that are not part of every database, and what sessions have in their
-- temporary schemas, with all that goes when that does (deptype, section 52.18 of PostgreSQL's manual). Catalog and OID,
-- and whether it is temporary.
WITH RECURSIVE temporary AS (
    SELECT d.classid, d.objid
      FROM pg_catalog.pg_namespace AS n
      JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.refobjid = n.oid
     WHERE n.nspname ~ '^pg_temp_'
     UNION
    SELECT d.classid, d.objid
      FROM temporary AS t
      JOIN pg_catalog.pg_depend AS d ON d.refclassid = t.classid AND d.refobjid = t.objid
     WHERE d.deptype IN ('a', 'i', 'P', 'S')
)
SELECT d.classid, d.objid, false
  FROM pg_catalog.pg_depend AS d
 WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
   AND d.deptype = 'e'
   AND d.objid >= 16384
 UNION ALL
SELECT t.classid, t.objid, true
  FROM temporary AS t;
