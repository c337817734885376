-- What REINDEX CONCURRENTLY leaves behind when it is cut off: copies that no query uses (manual of REINDEX, "Rebuilding
-- Indexes Concurrently"), those of TOAST tables too: another REINDEX CONCURRENTLY skips them.
SELECT i.indexrelid::text AS id,
       c.relname::text AS name,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS qualified,
       false AS is_valid,
       (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid) AS builder
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE NOT i.indisvalid
   AND c.relname ~ '_cc(new|old)[0-9]*$'
   AND (n.nspname !~ '^pg_' OR n.nspname = 'pg_toast')
 ORDER BY i.indexrelid;
