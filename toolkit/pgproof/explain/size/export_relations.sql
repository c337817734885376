-- The tables, materialised views and indexes of users with their pages and rows; `rows` is -1 where nobody has
-- counted them. Anybody may read this.
SELECT n.nspname::text AS schema,
       c.relname::text AS name,
       c.relkind::text AS kind,
       CASE WHEN c.relkind IN ('p', 'I') THEN 0
            ELSE pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint
       END AS pages,
       c.reltuples::float8 AS rows,
       c.relallvisible AS visible
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I')
   AND n.nspname NOT LIKE 'pg\_%%'
   AND n.nspname NOT IN ('information_schema', 'pgproof')
   AND (%(schemas)s::text[] = '{}' OR n.nspname = ANY (%(schemas)s::text[]))
 ORDER BY n.nspname, c.relname;
