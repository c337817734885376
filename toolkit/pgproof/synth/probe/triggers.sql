-- A constraint trigger of a table: what it fires for (INSERT 4, DELETE 8, UPDATE 16 of tgtype), and the function that
-- says what it refuses; `source` has the text of that, and the trigger's WHEN.
SELECT t.tgname::text AS name,
       ARRAY(SELECT e.event FROM (VALUES (4, 'INSERT'), (16, 'UPDATE'), (8, 'DELETE')) AS e (bit, event)
              WHERE t.tgtype & e.bit <> 0) AS events,
       p.oid::int8 AS function,
       p.proname::text AS function_name,
       p.prosrc || ' ' || pg_catalog.pg_get_triggerdef(t.oid) AS source
  FROM pg_catalog.pg_trigger AS t
  JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
 WHERE t.tgrelid = %(table)s AND t.tgname = %(name)s AND t.tgconstraint <> 0 AND NOT t.tgisinternal;
