-- Writes how many pages and rows relations have, all of whose pages are all-visible, and which file is theirs where
-- they got another one. Only in a cluster of our own. relpages is an int that holds an unsigned number.
UPDATE pg_catalog.pg_class AS c
   SET relpages = (CASE WHEN r.pages >= 2147483648 THEN r.pages - 4294967296 ELSE r.pages END)::int,
       reltuples = r.rows::real,
       relallvisible = (CASE WHEN r.visible >= 2147483648 THEN r.visible - 4294967296 ELSE r.visible END)::int,
       relfilenode = CASE WHEN r.file > 0 THEN r.file::oid ELSE c.relfilenode END
  FROM pg_catalog.jsonb_to_recordset(%(rows)s::jsonb)
           AS r(number bigint, pages bigint, rows float8, visible bigint, file bigint)
 WHERE c.oid = r.number::oid;
