-- The triggers that fire for a statement of the table, and whether one raises an error whatever the row is: PL/pgSQL that
-- raises, and in which nothing depends on anything. (tgtype: 4 INSERT, 8 DELETE, 16 UPDATE.)
SELECT t.tgqual IS NULL
       AND l.lanname = 'plpgsql'
       AND p.prosrc OPERATOR(pg_catalog.~*) '\mraise\M(?!\s+(debug|log|info|notice|warning))'
       AND p.prosrc OPERATOR(pg_catalog.!~*) '\m(if|case|when|loop|for|while|exception\s+when)\M' AS is_always
  FROM pg_catalog.pg_trigger AS t
  JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
  JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
 WHERE t.tgrelid = %(table)s::pg_catalog.int8::pg_catalog.oid
   AND NOT t.tgisinternal
   AND t.tgenabled <> 'D'
   AND t.tgtype & CASE %(event)s WHEN 'INSERT' THEN 4 WHEN 'DELETE' THEN 8 ELSE 16 END <> 0;
