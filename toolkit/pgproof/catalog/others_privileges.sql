-- Privileges on what is not the user's own, where they are no more what they were at first: on objects of initdb's and on
-- members of extensions. At first they were what pg_init_privs has (section 52.29 of PostgreSQL's manual), else the
-- default; and everybody may see information_schema (src/backend/catalog/information_schema.sql), but for a few. Each with
-- what is granted now and what was at first, as arrays of arrays. The schema public is read as if it were the user's own.
-- Of large catalogs the users' own rows are not even looked at.
WITH members (classoid, objoid) AS MATERIALIZED (
    SELECT d.classid, d.objid
      FROM pg_catalog.pg_depend AS d
     WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
       AND d.deptype = 'e'
), attributes AS (
    SELECT t.* FROM pg_catalog.pg_attribute AS t WHERE t.attrelid < 16384
     UNION ALL
    SELECT t.*
      FROM members AS m
      JOIN pg_catalog.pg_attribute AS t ON t.attrelid = m.objoid
     WHERE m.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
       AND m.objoid >= 16384
), types AS (
    SELECT t.* FROM pg_catalog.pg_type AS t WHERE t.oid < 16384
     UNION ALL
    SELECT t.*
      FROM members AS m
      JOIN pg_catalog.pg_type AS t ON t.oid = m.objoid
     WHERE m.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass
       AND m.objoid >= 16384
), granted (classoid, objoid, objsubid, kind, owner, acl, shown) AS (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass::pg_catalog.oid,
           t.oid, 0, CASE t.relkind WHEN 'S' THEN 's' ELSE 'r' END, t.relowner, t.relacl,
           CASE WHEN t.relnamespace = pg_catalog.to_regnamespace('information_schema') AND t.relname !~ '^_pg_'
                 AND t.relname NOT IN ('sql_parts', 'transforms') THEN 'SELECT' END
      FROM pg_catalog.pg_class AS t WHERE t.relacl IS NOT NULL
     UNION ALL
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, t.attrelid, t.attnum::pg_catalog.int4, 'c', 0, t.attacl, NULL
      FROM attributes AS t WHERE t.attacl IS NOT NULL
     UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, t.oid, 0, 'f', t.proowner, t.proacl, NULL
      FROM pg_catalog.pg_proc AS t WHERE t.proacl IS NOT NULL
     UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, 0, 'T', t.typowner, t.typacl, NULL
      FROM types AS t WHERE t.typacl IS NOT NULL
     UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, t.oid, 0, 'n', t.nspowner, t.nspacl,
           CASE t.nspname WHEN 'information_schema' THEN 'USAGE' END
      FROM pg_catalog.pg_namespace AS t WHERE t.nspacl IS NOT NULL AND t.oid <> 2200
     UNION ALL
    SELECT 'pg_catalog.pg_language'::pg_catalog.regclass, t.oid, 0, 'l', t.lanowner, t.lanacl, NULL
      FROM pg_catalog.pg_language AS t WHERE t.lanacl IS NOT NULL
     UNION ALL
    SELECT 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, t.oid, 0, 'F', t.fdwowner, t.fdwacl, NULL
      FROM pg_catalog.pg_foreign_data_wrapper AS t WHERE t.fdwacl IS NOT NULL
     UNION ALL
    SELECT 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, t.oid, 0, 'S', t.srvowner, t.srvacl, NULL
      FROM pg_catalog.pg_foreign_server AS t WHERE t.srvacl IS NOT NULL
), changed AS MATERIALIZED (
    -- of a column without privileges there is no list at all
    SELECT COALESCE(g.classoid, p.classoid) AS classoid,
           COALESCE(g.objoid, p.objoid) AS objoid,
           COALESCE(g.objsubid, p.objsubid) AS objsubid,
           COALESCE(g.owner, 0) AS owner,
           pg_catalog.acldefault(COALESCE(g.kind, 'c')::pg_catalog."char", COALESCE(g.owner, 0)) AS usual,
           COALESCE(g.acl, '{}') AS acl,
           f.acl AS first
      FROM granted AS g
      FULL JOIN pg_catalog.pg_init_privs AS p
        ON p.classoid = g.classoid AND p.objoid = g.objoid AND p.objsubid = g.objsubid
     CROSS JOIN LATERAL (SELECT COALESCE(p.initprivs,
                                         pg_catalog.acldefault(g.kind::pg_catalog."char", g.owner)
                                         || CASE WHEN g.shown IS NOT NULL
                                                 THEN ARRAY[pg_catalog.makeaclitem(0, g.owner, g.shown, false)]
                                                 ELSE '{}' END)) AS f (acl)
     WHERE (g.objsubid IS NOT NULL OR p.objsubid > 0)
       AND (SELECT pg_catalog.array_agg(a ORDER BY a::pg_catalog.text)
              FROM pg_catalog.unnest(COALESCE(g.acl, '{}')) AS a)
           IS DISTINCT FROM
           (SELECT pg_catalog.array_agg(a ORDER BY a::pg_catalog.text)
              FROM pg_catalog.unnest(f.acl) AS a)
)
SELECT o.type, o.identity, now.granted, first.granted
  FROM changed AS c
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(c.classoid, c.objoid, c.objsubid) AS o
 CROSS JOIN LATERAL (
    SELECT COALESCE(pg_catalog.jsonb_agg(DISTINCT pg_catalog.jsonb_build_array(
                        CASE WHEN a.grantee <> 0 THEN a.grantee::pg_catalog.regrole::pg_catalog.text END,
                        a.grantor::pg_catalog.regrole::pg_catalog.text,
                        -- what an owner has by owning, which is not the same on each major
                        CASE WHEN a.grantee = c.owner AND i.item = ANY (c.usual) THEN 'ALL' ELSE a.privilege_type END,
                        a.is_grantable,
                        CASE WHEN c.owner <> 0 THEN c.owner::pg_catalog.regrole::pg_catalog.text END)), '[]')
      FROM pg_catalog.unnest(c.acl) AS i (item)
     CROSS JOIN LATERAL pg_catalog.aclexplode(ARRAY[i.item]) AS a) AS now (granted)
 CROSS JOIN LATERAL (
    SELECT COALESCE(pg_catalog.jsonb_agg(DISTINCT pg_catalog.jsonb_build_array(
                        CASE WHEN a.grantee <> 0 THEN a.grantee::pg_catalog.regrole::pg_catalog.text END,
                        a.grantor::pg_catalog.regrole::pg_catalog.text,
                        a.privilege_type,
                        a.is_grantable,
                        CASE WHEN c.owner <> 0 THEN c.owner::pg_catalog.regrole::pg_catalog.text END)), '[]')
      FROM pg_catalog.aclexplode(c.first) AS a) AS first (granted)
 WHERE c.objoid < 16384
    OR EXISTS (SELECT FROM pg_catalog.pg_depend AS d
                WHERE d.classid = c.classoid AND d.objid = c.objoid AND d.objsubid = 0 AND d.deptype = 'e')
 ORDER BY o.type, o.identity;
