-- The types of columns, and what they are made of.
SELECT t.oid::int8 AS number,
       t.typname::text AS name,
       t.typtype::text AS kind,
       CASE WHEN t.typcategory = 'A' THEN t.typelem::int8 ELSE 0 END AS element,
       t.typbasetype::int8 AS base,
       ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum AS e
              WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
       ARRAY(SELECT a.atttypid::int8 FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS fields,
       COALESCE(r.rngsubtype::int8, 0) AS subtype,
       COALESCE(m.rngtypid::int8, 0) AS range,
       ARRAY(SELECT pg_catalog.pg_get_expr(c.conbin, 0) FROM pg_catalog.pg_constraint AS c
              WHERE c.contypid = t.oid AND c.contype = 'c' ORDER BY c.conname) AS conditions
  FROM pg_catalog.pg_type AS t
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
  LEFT JOIN pg_catalog.pg_range AS r ON r.rngtypid = t.oid
  LEFT JOIN pg_catalog.pg_range AS m ON m.rngmultitypid = t.oid
 WHERE t.typtype IN ('b', 'd', 'e', 'r', 'm') OR (t.typtype = 'c' AND c.relkind = 'c');
