-- Tables in which other migration tools keep what they have applied, by their names, and the columns that they have.
-- Also Rails' ar_internal_metadata, which tells its schema_migrations from that of dbmate.
SELECT n.nspname AS schema,
       c.relname AS "table",
       ARRAY(SELECT a.attname::text
               FROM pg_catalog.pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum) AS columns
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r'
   AND (c.relname IN ('alembic_version', 'django_migrations', 'flyway_schema_history', 'goose_db_version',
                      'schema_migrations', 'ar_internal_metadata')
        OR (n.nspname = 'sqitch' AND c.relname = 'changes'))
 ORDER BY n.nspname, c.relname;
