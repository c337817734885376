-- All batches of a statement, for psql: each is committed with the row that says how far it has come, as pgproof
-- itself does it. It stands alone: COMMIT is allowed in a DO that is not in a transaction (DO, in the manual).
DO $pgproof$
DECLARE
    -- the statement as a format: %1$L and %2$L are the first and the last value of a range, %3$s is nothing
    statement CONSTANT text := %(statement)s;
    -- the rows of a range, or empty for a statement that runs until it touches no row
    range_table CONSTANT text := %(table)s;
    range_column CONSTANT text := %(column)s;
    first_key text;
    last_key text;
    number_of_batches bigint := 0;
    rows_before bigint := 0;
    touched bigint;
BEGIN
    LOOP
        -- replicas that are further behind than is allowed are waited for (database/replica_lag.sql)
        WHILE %(lag)s / 1000.0 < (SELECT EXTRACT(epoch FROM pg_catalog.max(replay_lag))
                                    FROM pg_catalog.pg_stat_replication
                                   WHERE replay_lsn < pg_catalog.pg_current_wal_lsn()) LOOP
            COMMIT;
            PERFORM pg_catalog.pg_sleep(1);
        END LOOP;
        IF range_column <> '' THEN
            EXECUTE pg_catalog.format(
                'WITH r AS (SELECT %1$I AS k FROM %2$s WHERE %1$I IS NOT NULL AND (%3$L IS NULL OR %1$I > %3$L)'
                ' ORDER BY %1$I LIMIT %4$s)'
                ' SELECT (SELECT k::text FROM r ORDER BY r.k LIMIT 1), (SELECT k::text FROM r ORDER BY r.k DESC LIMIT 1)',
                range_column, range_table, last_key, %(size)s
            ) INTO first_key, last_key;
            EXIT WHEN first_key IS NULL;
        END IF;
        EXECUTE pg_catalog.format(statement, first_key, last_key, '');
        GET DIAGNOSTICS touched = ROW_COUNT;
        number_of_batches := number_of_batches + 1;
        SET LOCAL session_authorization = DEFAULT;
        SET LOCAL role = DEFAULT;
        INSERT INTO pgproof.batch AS b (history_id, direction, number, hash, upto, batches, rows)
        SELECT h.id, %(direction)s, %(number)s, %(hash)s, last_key, number_of_batches, rows_before
          FROM pgproof.history AS h
         WHERE h.version OPERATOR(pg_catalog.=) %(version)s
           AND h.schema OPERATOR(pg_catalog.=) %(schema)s
           AND h.state OPERATOR(pg_catalog.=) 'applying'
           AND h.run OPERATOR(pg_catalog.=) %(run)s
            ON CONFLICT (history_id, direction, number)
            DO UPDATE SET upto = excluded.upto,
                          batches = excluded.batches,
                          rows = excluded.rows,
                          updated_at = pg_catalog.clock_timestamp();
        IF NOT FOUND THEN
            RAISE 'the file is not this run''s any more; ask pgproof status';
        END IF;
        COMMIT;
        EXIT WHEN range_column = '' AND touched = 0;
        rows_before := rows_before + touched;
        PERFORM pg_catalog.pg_sleep(%(sleep)s / 1000.0);
    END LOOP;
END
$pgproof$;
