-- What else decides whether a constraint of the table refuses a row: a trigger that fires before and may change it, and
-- functions of users that the constraint calls and that do not give the same each time. (tgtype: 1 for each row, 2 before,
-- 4 INSERT, 8 DELETE, 16 UPDATE; src/include/catalog/pg_trigger.h.)
SELECT 'trigger'
  FROM pg_catalog.pg_trigger AS t
 WHERE t.tgrelid = %(table)s::pg_catalog.int8::pg_catalog.oid
   AND NOT t.tgisinternal
   AND t.tgenabled <> 'D'
   AND t.tgtype & 3 = 3
   AND t.tgtype & CASE %(event)s WHEN 'INSERT' THEN 4 WHEN 'DELETE' THEN 8 ELSE 16 END <> 0
UNION ALL
SELECT 'function'
  FROM pg_catalog.pg_constraint AS c
  JOIN pg_catalog.pg_depend AS d
    ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = c.oid
   AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  JOIN pg_catalog.pg_proc AS p ON p.oid = d.refobjid
 WHERE c.conname = %(name)s
   AND (c.conrelid = %(table)s::pg_catalog.int8::pg_catalog.oid OR c.contypid <> 0)
   AND p.provolatile <> 'i'
 LIMIT 1;
