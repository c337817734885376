-- What initdb has made, can be dropped, and is not there under its name: type and name of the object. Its scripts (src/backend/catalog/
-- system_views.sql, information_schema.sql, src/backend/snowball/snowball_create.sql) make the same on each server of a major, but
-- for how they define it, which minor versions have changed. What nobody can drop has an OID below 12000 (FirstUnpinnedObjectId in
-- src/include/access/transam.h). Left out are collations, which are those of the machine where initdb ran, and plpgsql, an
-- extension. Of a schema, a table, a view or a domain that is gone, what it had goes untold. Names are looked up in the
-- catalogs, since to_regclass() wants the right to use their schema; one by one in large ones, which a join would read whole.
WITH scripts (schema, major, names) AS (
    VALUES
    ('pg_catalog', 14, '
        pg_available_extension_versions pg_available_extensions pg_backend_memory_contexts pg_config pg_cursors pg_file_settings
        pg_group pg_hba_file_rules pg_indexes pg_locks pg_matviews pg_policies pg_prepared_statements pg_prepared_xacts
        pg_publication_tables pg_replication_origin_status pg_replication_slots pg_roles pg_rules pg_seclabels pg_sequences
        pg_settings pg_shadow pg_shmem_allocations pg_stat_activity pg_stat_all_indexes pg_stat_all_tables pg_stat_archiver
        pg_stat_bgwriter pg_stat_database pg_stat_database_conflicts pg_stat_gssapi pg_stat_progress_analyze
        pg_stat_progress_basebackup pg_stat_progress_cluster pg_stat_progress_copy pg_stat_progress_create_index
        pg_stat_progress_vacuum pg_stat_replication pg_stat_replication_slots pg_stat_slru pg_stat_ssl pg_stat_subscription
        pg_stat_sys_indexes pg_stat_sys_tables pg_stat_user_functions pg_stat_user_indexes pg_stat_user_tables pg_stat_wal
        pg_stat_wal_receiver pg_stat_xact_all_tables pg_stat_xact_sys_tables pg_stat_xact_user_functions
        pg_stat_xact_user_tables pg_statio_all_indexes pg_statio_all_sequences pg_statio_all_tables pg_statio_sys_indexes
        pg_statio_sys_sequences pg_statio_sys_tables pg_statio_user_indexes pg_statio_user_sequences pg_statio_user_tables
        pg_stats pg_stats_ext pg_stats_ext_exprs pg_tables pg_timezone_abbrevs pg_timezone_names pg_user pg_user_mappings
        pg_views'),
    ('pg_catalog', 15, 'pg_ident_file_mappings pg_stat_recovery_prefetch pg_stat_subscription_stats'),
    ('pg_catalog', 16, 'pg_stat_io'),
    ('pg_catalog', 17, 'pg_stat_checkpointer pg_wait_events'),
    ('pg_catalog', 18, 'pg_aios pg_shmem_allocations_numa'),
    ('information_schema', 14, '
        _pg_foreign_data_wrappers _pg_foreign_servers _pg_foreign_table_columns _pg_foreign_tables _pg_user_mappings
        administrable_role_authorizations applicable_roles attributes character_sets check_constraint_routine_usage
        check_constraints collation_character_set_applicability collations column_column_usage column_domain_usage
        column_options column_privileges column_udt_usage columns constraint_column_usage constraint_table_usage
        data_type_privileges domain_constraints domain_udt_usage domains element_types enabled_roles
        foreign_data_wrapper_options foreign_data_wrappers foreign_server_options foreign_servers foreign_table_options
        foreign_tables information_schema_catalog_name key_column_usage parameters referential_constraints
        role_column_grants role_routine_grants role_table_grants role_udt_grants role_usage_grants routine_column_usage
        routine_privileges routine_routine_usage routine_sequence_usage routine_table_usage routines schemata sequences
        table_constraints table_privileges tables transforms triggered_update_columns triggers udt_privileges
        usage_privileges user_defined_types user_mapping_options user_mappings view_column_usage view_routine_usage
        view_table_usage views')
), languages (name) AS (
    SELECT l.name
      FROM (VALUES (14, 'arabic armenian basque catalan danish dutch english finnish french german greek hindi hungarian indonesian
                         irish italian lithuanian nepali norwegian portuguese romanian russian serbian spanish swedish tamil
                         turkish yiddish'),
                   (18, 'estonian')) AS s (major, names)
     CROSS JOIN LATERAL pg_catalog.regexp_split_to_table(s.names, '[[:space:]]+') AS l (name)
     WHERE pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= s.major * 10000
), kinds (number, alias, is_word, is_ascii) AS (
    VALUES
    (1, 'asciiword', true, true), (2, 'word', true, false), (3, 'numword', false, false), (4, 'email', false, false),
    (5, 'url', false, false), (6, 'host', false, false), (7, 'sfloat', false, false), (8, 'version', false, false),
    (9, 'hword_numpart', false, false), (10, 'hword_part', true, false), (11, 'hword_asciipart', true, true),
    (15, 'numhword', false, false), (16, 'asciihword', true, true), (17, 'hword', true, false),
    (18, 'url_path', false, false), (19, 'file', false, false), (20, 'float', false, false), (21, 'int', false, false),
    (22, 'uint', false, false)
), tables (name, columns) AS (
    VALUES
    ('sql_features', 'feature_id feature_name sub_feature_id sub_feature_name is_supported is_verified_by comments'),
    ('sql_implementation_info', 'implementation_info_id implementation_info_name integer_value character_value comments'),
    ('sql_parts', 'feature_id feature_name is_supported is_verified_by comments'),
    ('sql_sizing', 'sizing_id sizing_name supported_value comments')
), functions (schema, name, arguments) AS (
    VALUES
    ('information_schema', '_pg_char_max_length', 'oid, integer'),
    ('information_schema', '_pg_char_octet_length', 'oid, integer'),
    ('information_schema', '_pg_datetime_precision', 'oid, integer'),
    ('information_schema', '_pg_expandarray', 'anyarray'),
    ('information_schema', '_pg_index_position', 'oid, smallint'),
    ('information_schema', '_pg_interval_type', 'oid, integer'),
    ('information_schema', '_pg_numeric_precision', 'oid, integer'),
    ('information_schema', '_pg_numeric_precision_radix', 'oid, integer'),
    ('information_schema', '_pg_numeric_scale', 'oid, integer'),
    ('information_schema', '_pg_truetypid', 'pg_attribute, pg_type'),
    ('information_schema', '_pg_truetypmod', 'pg_attribute, pg_type'),
    ('pg_catalog', 'dsnowball_init', 'internal'),
    ('pg_catalog', 'dsnowball_lexize', 'internal, internal, internal, internal')
), schemas (name, oid) AS (
    SELECT s.nspname::pg_catalog.text, s.oid
      FROM pg_catalog.pg_namespace AS s WHERE s.nspname IN ('information_schema', 'pg_catalog')
), missing (type, identity) AS (
    SELECT 'schema', 'information_schema'
     WHERE NOT EXISTS (SELECT FROM schemas AS s WHERE s.name = 'information_schema')
     UNION ALL
    SELECT 'view', s.name || '.' || v.name
      FROM scripts AS i
      JOIN schemas AS s ON s.name = i.schema
     CROSS JOIN LATERAL pg_catalog.regexp_split_to_table(pg_catalog.btrim(i.names, E' \n'), '[[:space:]]+') AS v (name)
     WHERE pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= i.major * 10000
       AND (SELECT c.oid FROM pg_catalog.pg_class AS c
             WHERE c.relnamespace = s.oid AND c.relname = v.name AND c.relkind = 'v') IS NULL
     UNION ALL
    SELECT CASE WHEN t.oid IS NULL THEN 'table' ELSE 'table column' END,
           'information_schema.' || n.name || CASE WHEN t.oid IS NULL THEN '' ELSE '.' || c.name END
      FROM tables AS n
      JOIN schemas AS s ON s.name = 'information_schema'
     CROSS JOIN LATERAL (SELECT (SELECT c.oid FROM pg_catalog.pg_class AS c
                                  WHERE c.relnamespace = s.oid AND c.relname = n.name AND c.relkind = 'r') AS oid) AS t
     CROSS JOIN LATERAL pg_catalog.string_to_table(n.columns, ' ') WITH ORDINALITY AS c (name, place)
     WHERE (SELECT a.attnum FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = t.oid AND a.attname = c.name) IS NULL
       AND (t.oid IS NOT NULL OR c.place = 1)
     UNION ALL
    SELECT CASE WHEN t.oid IS NULL THEN 'type' ELSE 'domain constraint' END,
           CASE WHEN t.oid IS NULL THEN '' ELSE d.bound || ' on ' END || 'information_schema.' || d.name
      FROM (VALUES ('cardinal_number', 'cardinal_number_domain_check'), ('character_data', NULL), ('sql_identifier', NULL),
                   ('time_stamp', NULL), ('yes_or_no', 'yes_or_no_check')) AS d (name, bound)
      JOIN schemas AS s ON s.name = 'information_schema'
     CROSS JOIN LATERAL (SELECT (SELECT c.oid FROM pg_catalog.pg_type AS c
                                  WHERE c.typnamespace = s.oid AND c.typname = d.name AND c.typtype = 'd') AS oid) AS t
     WHERE t.oid IS NULL
        OR (d.bound IS NOT NULL
            AND (SELECT k.oid FROM pg_catalog.pg_constraint AS k WHERE k.contypid = t.oid AND k.conname = d.bound) IS NULL)
     UNION ALL
    SELECT 'function', s.name || '.' || f.name || '(' || f.arguments || ')'
      FROM functions AS f
      JOIN schemas AS s ON s.name = f.schema
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_proc AS p
                        WHERE p.pronamespace = s.oid AND p.proname = f.name
                          AND pg_catalog.oidvectortypes(p.proargtypes) = f.arguments)
     UNION ALL
    SELECT 'rule', r.name || ' on pg_catalog.' || c.relname
      FROM (VALUES ('pg_settings_n'), ('pg_settings_u')) AS r (name)
      JOIN schemas AS s ON s.name = 'pg_catalog'
      JOIN pg_catalog.pg_class AS c ON c.relnamespace = s.oid AND c.relname = 'pg_settings'
      LEFT JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = c.oid AND w.rulename = r.name
     WHERE w.oid IS NULL
     UNION ALL
    SELECT 'text search template', 'pg_catalog.snowball'
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_ts_template AS t
                         JOIN schemas AS s ON s.oid = t.tmplnamespace AND s.name = 'pg_catalog'
                        WHERE t.tmplname = 'snowball')
     UNION ALL
    SELECT 'text search dictionary', 'pg_catalog.' || l.name || '_stem'
      FROM languages AS l
      JOIN schemas AS s ON s.name = 'pg_catalog'
      LEFT JOIN pg_catalog.pg_ts_dict AS d ON d.dictnamespace = s.oid AND d.dictname = l.name || '_stem'
     WHERE d.oid IS NULL
     UNION ALL
    SELECT 'text search configuration', 'pg_catalog.' || l.name
      FROM languages AS l
      JOIN schemas AS s ON s.name = 'pg_catalog'
      LEFT JOIN pg_catalog.pg_ts_config AS c ON c.cfgnamespace = s.oid AND c.cfgname = l.name
     WHERE c.oid IS NULL
     UNION ALL
    -- words are stemmed, and those of ASCII in Hindi and Russian as if they were English; all else is as it is
    SELECT 'text search mapping', pg_catalog.format('for %s with %s on pg_catalog.%s', k.alias, d.name, c.name)
      FROM (SELECT l.name || '_stem', l.name FROM languages AS l UNION ALL VALUES ('simple', 'simple')) AS c (stem, name)
      JOIN schemas AS s ON s.name = 'pg_catalog'
      JOIN pg_catalog.pg_ts_config AS t ON t.cfgnamespace = s.oid AND t.cfgname = c.name
     CROSS JOIN kinds AS k
     CROSS JOIN LATERAL (SELECT CASE WHEN NOT k.is_word THEN 'simple'
                                     WHEN k.is_ascii AND c.name IN ('hindi', 'russian') THEN 'english_stem'
                                     ELSE c.stem END) AS d (name)
      LEFT JOIN (SELECT m.mapcfg, m.maptokentype, i.dictname, i.dictnamespace
                   FROM pg_catalog.pg_ts_config_map AS m
                   JOIN pg_catalog.pg_ts_dict AS i ON i.oid = m.mapdict
                  WHERE m.mapseqno = 1) AS m
        ON m.mapcfg = t.oid AND m.maptokentype = k.number AND m.dictname = d.name AND m.dictnamespace = s.oid
     WHERE m.mapcfg IS NULL
)
SELECT m.type, m.identity
  FROM missing AS m
 ORDER BY m.type, m.identity;
