-- Enabled row triggers that fire before an event, with the text of their function where it is PL/pgSQL.
-- tgtype bits: 1 row, 2 before, 4 insert, 8 delete, 16 update (src/include/catalog/pg_trigger.h).
SELECT n.nspname AS schema,
       c.relname AS "table",
       t.tgname AS name,
       pg_catalog.array_remove(ARRAY[CASE WHEN t.tgtype & 4 = 4 THEN 'INSERT' END,
                                     CASE WHEN t.tgtype & 16 = 16 THEN 'UPDATE' END], NULL) AS events,
       CASE WHEN l.lanname = 'plpgsql' THEN p.prosrc END AS source
  FROM pg_catalog.pg_trigger AS t
  JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
  JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE NOT t.tgisinternal
   AND t.tgenabled <> 'D'
   AND t.tgtype & 3 = 3
   AND n.nspname NOT LIKE 'pg\_%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
 ORDER BY n.nspname, c.relname, t.tgname;
