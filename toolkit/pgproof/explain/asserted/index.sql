-- An index by its name (or schema.name) as the catalog has it, as one JSON object; of several, that of the first schema in
-- the search path. `members` are the index and, of a partitioned table, all its parts; `rivals` the other indexes of their
-- tables, which may be hidden where the database `is_scratch`; `names` those of all indexes.
WITH RECURSIVE known AS (
    SELECT i.*,
           ic.relname AS name,
           n.nspname AS schema,
           c.relname AS "table",
           am.amname AS method,
           pg_catalog.pg_table_is_visible(i.indexrelid) AS visible
      FROM pg_catalog.pg_index AS i
      JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
      JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
      JOIN pg_catalog.pg_namespace AS n ON n.oid = ic.relnamespace
      JOIN pg_catalog.pg_am AS am ON am.oid = ic.relam
     WHERE n.nspname !~ '^pg_toast'),
meant AS (
    SELECT k.*
      FROM known AS k
     WHERE %(name)s IN (k.name, k.schema || '.' || k.name)
     ORDER BY k.visible DESC, k.schema
     LIMIT 1),
members AS (
    SELECT m.indexrelid FROM meant AS m
     UNION
    SELECT h.inhrelid FROM members AS m JOIN pg_catalog.pg_inherits AS h ON h.inhparent = m.indexrelid)
SELECT pg_catalog.json_build_object(
           'found', (
               SELECT pg_catalog.json_build_object(
                          'schema', m.schema,
                          'name', m.name,
                          'table', m."table",
                          'method', m.method,
                          'valid', m.indisvalid,
                          'predicate', pg_catalog.pg_get_expr(m.indpred, m.indrelid),
                          'definition', pg_catalog.pg_get_indexdef(m.indexrelid),
                          'keys', (
                              SELECT pg_catalog.json_agg(
                                         pg_catalog.json_build_array(
                                             COALESCE(a.attname, pg_catalog.pg_get_indexdef(m.indexrelid, p.n, true)),
                                             m.indkey[p.n - 1] <> 0)
                                         ORDER BY p.n)
                                FROM pg_catalog.generate_series(1, m.indnkeyatts) AS p (n)
                                LEFT JOIN pg_catalog.pg_attribute AS a
                                  ON a.attrelid = m.indrelid AND a.attnum = m.indkey[p.n - 1] AND a.attnum > 0))
                 FROM meant AS m),
               'members', (
               SELECT pg_catalog.json_agg(pg_catalog.json_build_array(k.schema, k."table", k.name) ORDER BY k.schema, k.name)
                 FROM members AS m
                 JOIN known AS k ON k.indexrelid = m.indexrelid),
           'rivals', (
               SELECT pg_catalog.json_agg(pg_catalog.json_build_array(r.schema, r."table", r.name) ORDER BY r.schema, r.name)
                 FROM known AS r
                WHERE r.indisvalid
                  AND r.indexrelid NOT IN (SELECT m.indexrelid FROM members AS m)
                  AND r.indrelid IN (SELECT k.indrelid FROM members AS m JOIN known AS k ON k.indexrelid = m.indexrelid)),
           'is_scratch',
           pg_catalog.starts_with(pg_catalog.current_database(), 'pgproof_scratch_')
           AND pg_catalog.current_setting('is_superuser') = 'on'
           AND pg_catalog.current_setting('transaction_read_only') = 'off',
           'names', (
               SELECT pg_catalog.json_agg(k.name ORDER BY k.name)
                 FROM known AS k
                WHERE k.schema NOT IN ('pg_catalog', 'information_schema')))::pg_catalog.text AS answer;
