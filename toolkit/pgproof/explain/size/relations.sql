-- The tables, materialised views and indexes of users, by number. `path` is the file below the data directory, ""
-- where there is none (partitioned ones), `bytes` how long it is now; `parent` the partitioned table or index that a partition is attached to,
-- 0 where none; `owner` the table of an index. `fillfactor` is 0 where none is set.
SELECT c.oid::bigint AS number,
       n.nspname::text AS schema,
       c.relname::text AS name,
       c.relkind::text AS kind,
       coalesce(pg_catalog.pg_relation_filepath(c.oid), '') AS path,
       coalesce(pg_catalog.pg_relation_size(c.oid), 0) AS bytes,
       coalesce(h.inhparent::bigint, 0) AS parent,
       coalesce(i.indrelid::bigint, 0) AS owner,
       coalesce(a.amname::text, '') AS method,
       coalesce(i.indisunique, false) AS is_unique,
       coalesce(i.indnkeyatts::int, 0) AS keys,
       coalesce(pg_catalog.pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
       coalesce(i.indkey::smallint[], '{}')::int[] AS positions,
       coalesce(
           (SELECT o.option_value::int
              FROM pg_catalog.pg_options_to_table(c.reloptions) AS o
             WHERE o.option_name = 'fillfactor'),
           0
       ) AS fillfactor
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
  LEFT JOIN pg_catalog.pg_am AS a ON a.oid = c.relam AND c.relkind IN ('i', 'I')
  LEFT JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = c.oid AND (c.relispartition OR c.relkind IN ('i', 'I'))
 WHERE c.relkind IN ('r', 'p', 'm', 'i', 'I')
   AND n.nspname NOT LIKE 'pg\_%%'
   AND n.nspname <> 'information_schema'
 ORDER BY c.oid;
