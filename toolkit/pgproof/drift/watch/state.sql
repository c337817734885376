-- The recorder of DDL: whether both event triggers are there, whether they fire in every session, and whether this user
-- may read what they recorded (null: there is no table); what this user is called, and whether there is a history.
SELECT pg_catalog.count(*) = 2 AS is_there,
       coalesce(pg_catalog.bool_and(t.evtenabled = 'A'), false) AS is_enabled,
       (SELECT pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE')
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'pgproof' AND c.relname = 'ddl') AS is_readable,
       pg_catalog.quote_ident(CURRENT_USER) AS reader,
       EXISTS (
           SELECT FROM pg_catalog.pg_class AS c
           JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
           WHERE n.nspname = 'pgproof' AND c.relname = 'history'
       ) AS has_history
FROM pg_catalog.pg_event_trigger AS t
WHERE t.evtname IN ('pgproof_watch', 'pgproof_watch_drops');
