-- The given types: what they are below domains, what is in arrays and tsvectors of them, whether enumerations and
-- booleans, whose values are part of the schema, and whether ranges.
WITH RECURSIVE below AS (
    SELECT t.oid AS number,
           t.oid AS type
      FROM pg_catalog.pg_type AS t
     WHERE t.oid = ANY (%(numbers)s::oid[])
     UNION ALL
    SELECT b.number,
           t.typbasetype
      FROM below AS b
      JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype = 'd'
)
SELECT b.number::bigint AS number,
       pg_catalog.format_type(t.oid, NULL) AS name,
       t.typtype = 'e' OR t.oid = 'pg_catalog.bool'::regtype AS is_listed,
       t.typtype IN ('r', 'm') AS is_range,
       coalesce(pg_catalog.format_type(e.oid, NULL), '') AS element,
       coalesce(e.typtype = 'e' OR e.oid = 'pg_catalog.bool'::regtype, false) AS elements_are_listed
  FROM below AS b
  JOIN pg_catalog.pg_type AS t ON t.oid = b.type AND t.typtype <> 'd'
  LEFT JOIN pg_catalog.pg_type AS e ON e.oid = nullif(t.typelem, 0);
