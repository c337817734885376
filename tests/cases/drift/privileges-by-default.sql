-- New objects get what default privileges give; columns and views keep theirs; a commented table gets a constraint.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO pg_monitor;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO pg_monitor;
CREATE TABLE t (a int, b int);
GRANT INSERT, UPDATE ON t TO pg_signal_backend; GRANT UPDATE (a) ON t TO pg_signal_backend;
CREATE VIEW v AS SELECT 1 AS x; COMMENT ON COLUMN v.x IS 'one';
-- to
CREATE TABLE t (a int, b int);
GRANT UPDATE (a) ON t TO pg_signal_backend;
ALTER TABLE t ADD CONSTRAINT e EXCLUDE (a WITH =) DEFERRABLE; COMMENT ON TABLE t IS 'x'; COMMENT ON INDEX e IS 'y';
CREATE VIEW v AS SELECT 1 AS x; COMMENT ON COLUMN v.x IS 'two'; GRANT SELECT (x) ON v TO pg_signal_backend;
CREATE TABLE u (a int GENERATED ALWAYS AS IDENTITY); CREATE SEQUENCE s; CREATE MATERIALIZED VIEW m AS SELECT 1 AS x;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO pg_monitor;
CREATE TYPE r AS RANGE (subtype = int); CREATE AGGREGATE g (int) (sfunc = int4pl, stype = int);
ALTER TABLE u OWNER TO pg_signal_backend; REVOKE DELETE ON u FROM pg_signal_backend;
