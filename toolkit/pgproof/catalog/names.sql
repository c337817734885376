-- Every other name that a comment may rightly speak of.
SELECT proname::text AS name FROM pg_catalog.pg_proc
UNION SELECT typname::text FROM pg_catalog.pg_type
UNION SELECT relname::text FROM pg_catalog.pg_class
UNION SELECT tgname::text FROM pg_catalog.pg_trigger
UNION SELECT polname::text FROM pg_catalog.pg_policy
UNION SELECT nspname::text FROM pg_catalog.pg_namespace
UNION SELECT rolname::text FROM pg_catalog.pg_roles
UNION SELECT datname::text FROM pg_catalog.pg_database
UNION SELECT extname::text FROM pg_catalog.pg_extension
UNION SELECT name FROM pg_catalog.pg_available_extensions
UNION SELECT enumlabel::text FROM pg_catalog.pg_enum
UNION SELECT collname::text FROM pg_catalog.pg_collation
UNION SELECT opcname::text FROM pg_catalog.pg_opclass
UNION SELECT amname::text FROM pg_catalog.pg_am
UNION SELECT evtname::text FROM pg_catalog.pg_event_trigger
UNION SELECT pubname::text FROM pg_catalog.pg_publication
UNION SELECT stxname::text FROM pg_catalog.pg_statistic_ext
UNION SELECT conname::text FROM pg_catalog.pg_constraint
UNION SELECT attname::text FROM pg_catalog.pg_attribute WHERE attnum > 0
UNION SELECT name FROM pg_catalog.pg_settings
UNION SELECT word FROM pg_catalog.pg_get_keywords()
UNION SELECT pg_catalog.unnest(proargnames) FROM pg_catalog.pg_proc WHERE proargnames IS NOT NULL;
