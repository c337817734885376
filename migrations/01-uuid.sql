-- What 07-jobs needs and PostgreSQL lacks: uuid_generate_v4().
--
-- The function is known from the extension uuid-ossp. PostgreSQL has had gen_random_uuid() in its core
-- since 13, so a wrapper does, and no extension (and no right to create one) is needed.
-- Where the function exists already, from the extension or from elsewhere, it is left as it is.

-- migrate:up
DO $$
BEGIN
    IF to_regprocedure('uuid_generate_v4()') IS NULL THEN
        CREATE FUNCTION uuid_generate_v4() RETURNS uuid
            LANGUAGE sql VOLATILE PARALLEL SAFE
            AS 'SELECT pg_catalog.gen_random_uuid()';
        -- by this comment the downgrade knows it again
        COMMENT ON FUNCTION uuid_generate_v4() IS 'Random UUID, by gen_random_uuid(); made by migration 01-uuid.';
    END IF;
END
$$;

-- migrate:down
-- Drops only the function that the upgrade made, never one of an extension or of somebody else.
DO $$
DECLARE
    ours regprocedure := to_regprocedure('uuid_generate_v4()');
BEGIN
    IF obj_description(ours, 'pg_proc') = 'Random UUID, by gen_random_uuid(); made by migration 01-uuid.' THEN
        EXECUTE format('DROP FUNCTION %s', ours);
    END IF;
END
$$;
