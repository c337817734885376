-- Owners of what is not the user's own, where they are others than at first: of objects of initdb's not whoever ran that (10), of
-- members of extensions neither the owner of the extension nor whoever ran initdb (who runs the scripts of trusted ones: CREATE
-- EXTENSION). Type and name of the object, its owner, and who it was at first, NULL for whoever ran initdb. Indexes and TOAST
-- tables go with their table, arrays and row types with theirs. The schema public is read as if it were the user's own.
WITH owned (classoid, objoid, owner) AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, t.oid, t.relowner
      FROM pg_catalog.pg_class AS t WHERE t.relkind NOT IN ('i', 'I', 't', 'c')
     UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, t.typowner
      FROM pg_catalog.pg_type AS t
     WHERE t.typcategory <> 'A'
       AND (t.typrelid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
     UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, t.oid, t.proowner FROM pg_catalog.pg_proc AS t
     UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, t.oid, t.nspowner FROM pg_catalog.pg_namespace AS t
     UNION ALL
    SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, t.oid, t.oprowner FROM pg_catalog.pg_operator AS t
     UNION ALL
    SELECT 'pg_catalog.pg_opclass'::pg_catalog.regclass, t.oid, t.opcowner FROM pg_catalog.pg_opclass AS t
     UNION ALL
    SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, t.oid, t.opfowner FROM pg_catalog.pg_opfamily AS t
     UNION ALL
    SELECT 'pg_catalog.pg_collation'::pg_catalog.regclass, t.oid, t.collowner FROM pg_catalog.pg_collation AS t
     UNION ALL
    SELECT 'pg_catalog.pg_conversion'::pg_catalog.regclass, t.oid, t.conowner FROM pg_catalog.pg_conversion AS t
     UNION ALL
    SELECT 'pg_catalog.pg_language'::pg_catalog.regclass, t.oid, t.lanowner FROM pg_catalog.pg_language AS t
     UNION ALL
    SELECT 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, t.oid, t.fdwowner FROM pg_catalog.pg_foreign_data_wrapper AS t
     UNION ALL
    SELECT 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, t.oid, t.srvowner FROM pg_catalog.pg_foreign_server AS t
     UNION ALL
    SELECT 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, t.oid, t.evtowner FROM pg_catalog.pg_event_trigger AS t
     UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, t.oid, t.stxowner FROM pg_catalog.pg_statistic_ext AS t
     UNION ALL
    SELECT 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, t.oid, t.dictowner FROM pg_catalog.pg_ts_dict AS t
     UNION ALL
    SELECT 'pg_catalog.pg_ts_config'::pg_catalog.regclass, t.oid, t.cfgowner FROM pg_catalog.pg_ts_config AS t
), members AS MATERIALIZED (
    SELECT d.classid, d.objid, x.extowner
      FROM pg_catalog.pg_depend AS d
      JOIN pg_catalog.pg_extension AS x ON x.oid = d.refobjid
     WHERE d.deptype = 'e'
       AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
)
SELECT i.type,
       i.identity,
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.owner)) AS owner,
       pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(m.extowner)) AS first
  FROM owned AS o
  LEFT JOIN members AS m ON m.classid = o.classoid AND m.objid = o.objoid
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.classoid, o.objoid, 0) AS i
 WHERE o.owner <> 10
   AND CASE WHEN m.objid IS NOT NULL THEN o.owner <> m.extowner ELSE o.objoid < 16384 AND o.objoid <> 2200 END
 ORDER BY i.type, i.identity;
