-- The recorder of DDL: event triggers that write down who changed what, when, with which program and statement.
-- Idempotent; needs a superuser (CREATE EVENT TRIGGER), and the schema of the history, which belongs to whoever runs
-- the migrations. The key of the lock is that of create_history.sql.
SELECT pg_catalog.pg_advisory_xact_lock(31638930045497190);

-- first, so that it does not record itself
DROP EVENT TRIGGER IF EXISTS pgproof_watch;
DROP EVENT TRIGGER IF EXISTS pgproof_watch_drops;

-- One row per command, and one more for what it has dropped. Each hundredth command leaves the newest 10,000.
CREATE TABLE IF NOT EXISTS pgproof.ddl (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at            timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    -- who logged in (or SET SESSION AUTHORIZATION), and who that one was then (SET ROLE)
    session_role  text NOT NULL,
    role          text NOT NULL,
    application   text NOT NULL,
    -- null over a unix socket
    client        inet,
    tag           text NOT NULL,
    -- what the client sent, maybe more than this one command: its first 2,000 characters, and no further than a secret
    statement     text NOT NULL,
    -- type, identity, names and args of each object, as pg_identify_object() and ..._as_address() have them; of GRANT
    -- and REVOKE and of default privileges the server tells a type alone
    objects       jsonb NOT NULL
);
REVOKE ALL ON TABLE pgproof.ddl FROM PUBLIC;
COMMENT ON TABLE pgproof.ddl IS 'Who changed what here: DDL as pgproof drift --watch records it.';

-- Runs as its owner, because whoever changes something may not write here. Nobody's command fails because of it: an
-- error (a lock that somebody holds for more than a second, a full disk) costs the row, not the command.
CREATE OR REPLACE FUNCTION pgproof.record_ddl() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s'
AS $record$
DECLARE
    -- the blanks and comments that may stand between a word and what it is given
    gap CONSTANT text := '(?:\s|--[^\n]*\n|/\*.*?\*/)*';
    -- cut first, because it may be a script of megabytes
    said text := left(coalesce(current_query(), ''), 2000);
    touched jsonb;
    newest bigint;
BEGIN
    IF tg_tag IN ('REFRESH MATERIALIZED VIEW', 'REINDEX') THEN
        RETURN;
    ELSIF tg_event = 'sql_drop' THEN
        SELECT jsonb_agg(jsonb_build_object(
            'type', d.object_type, 'identity', d.object_identity, 'names', d.address_names, 'args', d.address_args))
        INTO touched
        FROM (
            SELECT * FROM pg_event_trigger_dropped_objects() WITH ORDINALITY
            WHERE NOT is_temporary AND schema_name IS DISTINCT FROM 'pgproof'
                AND coalesce(address_names[1], '') NOT IN ('pg_temp', 'pgproof')
            ORDER BY original DESC, normal DESC, ordinality LIMIT 200
        ) AS d;
    ELSE
        SELECT jsonb_agg(jsonb_build_object(
            'type', c.object_type, 'identity', c.object_identity, 'names', a.object_names, 'args', a.object_args))
        INTO touched
        FROM (
            SELECT * FROM pg_event_trigger_ddl_commands()
            WHERE NOT in_extension AND coalesce(schema_name, '') NOT IN ('pgproof', 'pg_temp') LIMIT 200
        ) AS c
        LEFT JOIN LATERAL pg_identify_object_as_address(c.classid, c.objid, c.objsubid) AS a
            ON c.classid IS NOT NULL;
    END IF;
    IF touched IS NULL THEN
        RETURN;
    END IF;
    said := regexp_replace(
        said,
        -- a password and the like with its value, in an address, too; options of foreign data; a publisher's address
        '(?:("[^"]*|\m\w*)(?:password|passfile|secret|token|key)(\w*|[^"]*")' || gap || '=?' || gap || '(?:E|U&)?[''$]'
        '|(?:password|passfile|secret|token)\s*=\s*[^\s'']|://[^/\s:@]*:[^@\s]*@|\moptions' || gap
        || '\(|\mconnection' || gap || '(?:E|U&)?[''$]).*',
        '...', 'i');
    INSERT INTO pgproof.ddl (session_role, role, application, client, tag, statement, objects)
    VALUES (
        session_user, coalesce(nullif(current_setting('role', true), 'none'), session_user),
        coalesce(current_setting('application_name', true), ''), inet_client_addr(), tg_tag, said, touched)
    RETURNING id INTO newest;
    -- serializable transactions would take what is read here for a conflict
    IF newest % 100 = 0 AND current_setting('transaction_isolation') <> 'serializable' THEN
        DELETE FROM pgproof.ddl WHERE id IN (
            SELECT o.id FROM pgproof.ddl AS o
            WHERE o.id <= newest - 10000 ORDER BY o.id LIMIT 1000 FOR UPDATE SKIP LOCKED);
    END IF;
EXCEPTION
    WHEN OTHERS THEN RETURN;
END
$record$;
REVOKE ALL ON FUNCTION pgproof.record_ddl() FROM PUBLIC;

CREATE EVENT TRIGGER pgproof_watch ON ddl_command_end EXECUTE FUNCTION pgproof.record_ddl();
ALTER EVENT TRIGGER pgproof_watch ENABLE ALWAYS;
CREATE EVENT TRIGGER pgproof_watch_drops ON sql_drop EXECUTE FUNCTION pgproof.record_ddl();
ALTER EVENT TRIGGER pgproof_watch_drops ENABLE ALWAYS;
