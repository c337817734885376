-- What is no part of a comparison, by catalog: OIDs of what is in pgproof's own schema or in temporary ones, and of what
-- belongs to a table or a domain there. (drift/scope.py says the same of facts, which the digests of rows are not.)
WITH schemas AS (
    SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'pgproof' OR n.nspname ~ '^pg_(toast_)?temp_'
), relations AS (
    SELECT c.oid FROM pg_catalog.pg_class AS c JOIN schemas AS s ON c.relnamespace = s.oid
), types AS (
    SELECT t.oid FROM pg_catalog.pg_type AS t JOIN schemas AS s ON t.typnamespace = s.oid
), functions AS (
    SELECT p.oid FROM pg_catalog.pg_proc AS p JOIN schemas AS s ON p.pronamespace = s.oid
)
SELECT f.catalog,
       pg_catalog.array_agg(f.oid)
  FROM (SELECT 'pg_namespace', s.oid FROM schemas AS s
         UNION ALL SELECT 'pg_class', r.oid FROM relations AS r
         UNION ALL SELECT 'pg_type', t.oid FROM types AS t
         UNION ALL SELECT 'pg_proc', p.oid FROM functions AS p
         UNION ALL SELECT 'pg_constraint', c.oid FROM pg_catalog.pg_constraint AS c JOIN relations AS r ON c.conrelid = r.oid
         UNION ALL SELECT 'pg_constraint', c.oid FROM pg_catalog.pg_constraint AS c JOIN types AS t ON c.contypid = t.oid
         UNION ALL SELECT 'pg_trigger', g.oid FROM pg_catalog.pg_trigger AS g JOIN relations AS r ON g.tgrelid = r.oid
         UNION ALL SELECT 'pg_rewrite', w.oid FROM pg_catalog.pg_rewrite AS w JOIN relations AS r ON w.ev_class = r.oid
         UNION ALL SELECT 'pg_event_trigger', e.oid FROM pg_catalog.pg_event_trigger AS e JOIN functions AS p ON e.evtfoid = p.oid
         UNION ALL SELECT 'pg_default_acl', a.oid FROM pg_catalog.pg_default_acl AS a JOIN schemas AS s ON a.defaclnamespace = s.oid
       ) AS f (catalog, oid)
 GROUP BY f.catalog;
