-- What the columns of a table take: the type below domains, with its modifier, the labels of an enumeration (also of
-- an array of it), and what the domains say, each as SQL.
WITH RECURSIVE made AS (
    SELECT a.attnum AS number, a.attname::text AS name, a.atttypid AS type, a.atttypmod AS modifier, false AS is_element
      FROM pg_catalog.pg_attribute AS a
     WHERE a.attrelid = pg_catalog.to_regclass(%(table)s) AND a.attnum > 0 AND NOT a.attisdropped
     UNION ALL
    SELECT m.number, m.name,
           CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.typelem END,
           CASE WHEN t.typtype = 'd' AND t.typtypmod >= 0 THEN t.typtypmod ELSE m.modifier END,
           m.is_element OR t.typtype <> 'd'
      FROM made AS m
      JOIN pg_catalog.pg_type AS t ON t.oid = m.type
     WHERE t.typtype = 'd' OR (t.typcategory = 'A' AND t.typelem <> 0)
)
SELECT m.name,
       pg_catalog.min(pg_catalog.format_type(m.type, NULLIF(m.modifier, -1))) FILTER (WHERE t.typtype <> 'd' AND NOT m.is_element) AS type,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum AS e
              WHERE e.enumtypid = ANY (pg_catalog.array_agg(m.type)) ORDER BY e.enumsortorder) AS labels,
       ARRAY(SELECT pg_catalog.pg_get_constraintdef(c.oid) FROM pg_catalog.pg_constraint AS c
              WHERE c.contypid = ANY (pg_catalog.array_agg(m.type)) AND c.contypid <> 0 AND c.contype = 'c' ORDER BY 1) AS rules,
       pg_catalog.bool_or(t.typnotnull) AS is_needed
  FROM made AS m
  JOIN pg_catalog.pg_type AS t ON t.oid = m.type
 GROUP BY m.number, m.name
 ORDER BY m.number;
