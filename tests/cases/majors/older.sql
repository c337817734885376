-- 18 14
CREATE TABLE t (id int CONSTRAINT mine NOT NULL, s varchar(9) CHECK (s IN ('a', 'b')), n int,
    CONSTRAINT c CHECK (n > 0) NOT ENFORCED, u int CONSTRAINT other NOT NULL);
COMMENT ON CONSTRAINT mine ON t IS 'said';
ALTER TABLE t ADD CONSTRAINT later NOT NULL n NOT VALID;
CREATE UNIQUE INDEX i ON t (s) NULLS NOT DISTINCT;
CREATE VIEW v AS SELECT t.id, t.s FROM t WHERE t.s IN ('a', 'b');
GRANT MAINTAIN ON t TO pg_monitor;
-- to
CREATE TABLE t (id int NOT NULL, s varchar(9) CHECK (s IN ('a', 'b')), n int NOT NULL, CONSTRAINT c CHECK (n > 0),
    u int);
CREATE UNIQUE INDEX i ON t (s);
CREATE VIEW v AS SELECT t.id, t.s FROM t WHERE t.s IN ('a', 'b');
CREATE TABLE new (id int GENERATED ALWAYS AS IDENTITY, a text NOT NULL);
GRANT ALL ON new TO pg_monitor;
-- plan
BEGIN;
ALTER TABLE public.t DROP CONSTRAINT other;  -- blocks reads and writes of public.t
ALTER TABLE public.t DROP CONSTRAINT c;  -- blocks reads and writes of public.t
ALTER INDEX public.i RENAME TO i_old;
CREATE TABLE public.new (
    id integer GENERATED ALWAYS AS IDENTITY NOT NULL,
    a text NOT NULL
);
ALTER TABLE public.new OWNER TO postgres;
GRANT DELETE ON TABLE public.new TO pg_monitor;
GRANT INSERT ON TABLE public.new TO pg_monitor;
GRANT MAINTAIN ON TABLE public.new TO pg_monitor;
GRANT REFERENCES ON TABLE public.new TO pg_monitor;
GRANT SELECT ON TABLE public.new TO pg_monitor;
GRANT TRIGGER ON TABLE public.new TO pg_monitor;
GRANT TRUNCATE ON TABLE public.new TO pg_monitor;
GRANT UPDATE ON TABLE public.new TO pg_monitor;
REVOKE MAINTAIN ON TABLE public.t FROM pg_monitor;  -- changes who may do what
ALTER TABLE public.t ADD CONSTRAINT c CHECK ((n > 0)) NOT VALID;  -- blocks reads and writes of public.t
COMMENT ON CONSTRAINT mine ON public.t IS NULL;
COMMIT;

CREATE UNIQUE INDEX CONCURRENTLY i ON public.t USING btree (s);

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT c;
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT later;
COMMIT;

DROP INDEX CONCURRENTLY public.i_old;
