-- Which object belongs to which extension, as text.
SELECT ROW(m.type, m.identity, o.type, o.identity, d.objsubid)::pg_catalog.text AS written
  FROM pg_catalog.pg_depend AS d
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) AS m
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.refclassid, d.refobjid, 0) AS o
 WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
   AND d.deptype = 'e'
   AND d.objid >= 16384;
