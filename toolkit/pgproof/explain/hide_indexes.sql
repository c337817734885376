-- Hides every index of the given tables from the planner, except those that are kept. Only in a scratch
-- database, as a superuser, and only in a transaction that is rolled back: the planner leaves out indexes that are
-- not valid (get_relation_info in src/backend/optimizer/util/plancat.c).
UPDATE pg_catalog.pg_index AS i
   SET indisvalid = false
  FROM pg_catalog.pg_class AS t,
       pg_catalog.pg_namespace AS n,
       pg_catalog.pg_class AS x
 WHERE t.oid = i.indrelid
   AND n.oid = t.relnamespace
   AND x.oid = i.indexrelid
   AND (n.nspname || '.' || t.relname) = ANY (%(tables)s::text[])
   AND (n.nspname || '.' || x.relname) <> ALL (%(keep)s::text[]);
