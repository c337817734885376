CREATE SCHEMA other;
CREATE EXTENSION hstore;
ALTER FUNCTION hstore_in(cstring) OWNER TO pg_monitor;
COMMENT ON FUNCTION hstore_out(hstore) IS 'written';
REVOKE EXECUTE ON FUNCTION hstore_out(hstore) FROM public;
ALTER SCHEMA public OWNER TO pg_monitor
-- to
CREATE SCHEMA other;
CREATE EXTENSION hstore SCHEMA other;
ALTER FUNCTION other.hstore_in(cstring) OWNER TO pg_monitor;
COMMENT ON FUNCTION other.hstore_out(other.hstore) IS 'written';
REVOKE EXECUTE ON FUNCTION other.hstore_out(other.hstore) FROM public
