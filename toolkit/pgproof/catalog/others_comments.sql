-- Comments on what initdb has made, where they are no more as initdb has made them: type and name of the object (as
-- pg_identify_object() has them), and the comment, NULL where it was taken away. initdb writes all comments, but for those of
-- plpgsql, before it notes in pg_init_privs which privileges it has granted (setup_privileges in src/bin/initdb/initdb.c). The
-- rows there of objects that nobody can drop, those with OIDs below 12000 (FirstUnpinnedObjectId in
-- src/include/access/transam.h), stay; the numbers of its transactions are low ones, which a cluster does not use again until
-- it has used all others. It gives a comment to each function, operator, access method, conversion, language and parser, and
-- to each scalar type (src/include/catalog/*.dat). The schema public is read as if it were the user's own.
WITH since (xid) AS (
    SELECT pg_catalog.min(p.xmin::pg_catalog.text::pg_catalog.int8)
      FROM pg_catalog.pg_init_privs AS p
     WHERE p.objoid < 12000
), objects (classoid, objoid) AS (
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_proc AS t
     UNION ALL
    SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_operator AS t
     UNION ALL
    SELECT 'pg_catalog.pg_am'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_am AS t
     UNION ALL
    SELECT 'pg_catalog.pg_conversion'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_conversion AS t
     UNION ALL
    SELECT 'pg_catalog.pg_language'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_language AS t
     UNION ALL
    SELECT 'pg_catalog.pg_ts_parser'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_ts_parser AS t
     UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_type AS t WHERE t.typtype = 'b' AND t.typelem = 0
), changed AS MATERIALIZED (
    SELECT d.classoid, d.objoid, d.objsubid, d.description
      FROM pg_catalog.pg_description AS d
      JOIN since AS s ON d.xmin::pg_catalog.text::pg_catalog.int8 >= s.xid
     WHERE d.objoid < 16384
       AND d.objoid <> 2200
     UNION ALL
    SELECT o.classoid, o.objoid, 0, NULL
      FROM objects AS o
     WHERE o.objoid < 12000
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_description AS d
                        WHERE d.classoid = o.classoid AND d.objoid = o.objoid AND d.objsubid = 0)
)
SELECT o.type, o.identity, c.description
  FROM changed AS c
 CROSS JOIN LATERAL pg_catalog.pg_identify_object(c.classoid, c.objoid, c.objsubid) AS o
 ORDER BY o.type, o.identity;
