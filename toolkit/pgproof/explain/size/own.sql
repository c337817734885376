-- What a server says of itself: its data directory, its system identifier, the mark in the directory (NULL where
-- there is none), whether it came over a network, and whether it is in recovery.
SELECT pg_catalog.current_setting('data_directory') AS data_directory,
       (SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c)::text AS system_identifier,
       pg_catalog.pg_read_file(%(marker)s, 0, 1000, true) AS marker,
       pg_catalog.inet_server_addr() IS NULL AS is_local,
       pg_catalog.pg_is_in_recovery() AS is_in_recovery,
       pg_catalog.current_setting('block_size')::int AS block_size,
       pg_catalog.pg_size_bytes(pg_catalog.current_setting('segment_size')) AS segment_size;
