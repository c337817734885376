-- The names of types, by their numbers and modifiers as a result has them (-1: none): with modifier, and without.
SELECT pg_catalog.format_type(t.type, NULLIF(t.modifier, -1)) AS type,
       pg_catalog.format_type(t.type, NULL) AS plain
  FROM ROWS FROM (
           pg_catalog.unnest(%(types)s::oid[]),
           pg_catalog.unnest(%(modifiers)s::integer[])
       ) WITH ORDINALITY AS t (type, modifier, number)
 ORDER BY t.number;
