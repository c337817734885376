-- Everything that the user's schemas hold, one row per object with its definition: to compare two states.
WITH ours AS (
    SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'pgproof')
)
SELECT 'relation', c.oid::regclass::text, c.relkind::text || c.relpersistence::text || COALESCE(c.relacl::text, '')
  FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT 'column', a.attrelid::regclass::text || '.' || a.attname,
       concat_ws(' ', a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                 a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE c.relnamespace IN (SELECT oid FROM ours) AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'index', i.indexrelid::regclass::text, concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready)
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT 'constraint', conrelid::regclass::text || '.' || conname, concat_ws(' ', pg_get_constraintdef(oid), convalidated)
  FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT 'trigger', tgrelid::regclass::text || '.' || tgname, concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE c.relnamespace IN (SELECT oid FROM ours) AND NOT tgisinternal
UNION ALL
SELECT 'function', p.oid::regprocedure::text, pg_get_functiondef(p.oid)
  FROM pg_proc p WHERE p.pronamespace IN (SELECT oid FROM ours) AND p.prokind IN ('f', 'p')
UNION ALL
SELECT 'type', t.oid::regtype::text, t.typtype::text FROM pg_type t WHERE t.typnamespace IN (SELECT oid FROM ours)
UNION ALL
SELECT 'extension', extname, extversion FROM pg_extension
UNION ALL
SELECT 'schema', nspname, COALESCE(nspacl::text, '') FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)
UNION ALL
SELECT 'comment', pg_describe_object(classoid, objoid, objsubid), description
  FROM pg_description WHERE objoid >= 16384 AND pg_describe_object(classoid, objoid, objsubid) !~ 'pgproof'
 ORDER BY 1, 2, 3;
