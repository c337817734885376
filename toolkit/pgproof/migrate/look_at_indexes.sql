-- The indexes of a table: name, whether queries can use it, and the backend that is building it just now.
SELECT i.indexrelid::text AS id,
       c.relname::text AS name,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS qualified,
       i.indisvalid AND i.indisready AND i.indislive OR c.relkind = 'I' AS is_valid,
       (SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.indexrelid) AS builder
  FROM pg_catalog.pg_index AS i
  JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE i.indrelid = pg_catalog.to_regclass(%(table)s)
 ORDER BY i.indexrelid;
