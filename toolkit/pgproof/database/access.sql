-- What the session's role may do in this database, and what is there of pgproof's; PostgreSQL 14 or later. Reads the
-- catalog alone. Tables are those that people have made (kinds r, p and m); one counts as unread where not all of its
-- columns may be selected, since pg_stats shows no statistics of the others.
SELECT current_user::text AS role,
       pg_catalog.current_database()::text AS database,
       own.rolsuper AS is_superuser,
       pg_catalog.pg_is_in_recovery() AS is_standby,
       pg_catalog.current_setting('default_transaction_read_only')::boolean AS is_read_only,
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may_create,
       history.oid IS NOT NULL AS has_history,
       COALESCE(history.is_open AND pg_catalog.has_table_privilege(history.oid, 'SELECT'), false) AS reads_history,
       COALESCE(history.is_open AND pg_catalog.has_table_privilege(history.oid, 'INSERT'), false) AS writes_history,
       tables.number AS tables,
       tables.unread AS unread_tables,
       pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS sees_sessions,
       EXISTS (SELECT FROM pg_catalog.pg_user_mappings) AS has_user_mappings,
       EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'pg_stat_statements') AS has_statements
  FROM pg_catalog.pg_roles AS own
  LEFT JOIN (SELECT c.oid, pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') AS is_open
               FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE n.nspname = 'pgproof'
                AND c.relname = 'history') AS history ON true
 CROSS JOIN (SELECT pg_catalog.count(*) AS number,
                    pg_catalog.count(*) FILTER (WHERE NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')) AS unread
               FROM pg_catalog.pg_class AS c
               JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              WHERE c.relkind IN ('r', 'p', 'm')
                AND n.nspname NOT LIKE 'pg\_%'
                AND n.nspname NOT IN ('information_schema', 'pgproof')) AS tables
 WHERE own.rolname = current_user;
