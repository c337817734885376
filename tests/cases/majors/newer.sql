-- 14 18
CREATE TABLE t (id int NOT NULL, s varchar(9) CHECK (s IN ('a', 'b')), n int, CONSTRAINT c CHECK (n > 0));
CREATE VIEW v AS SELECT t.id, t.s FROM t WHERE t.s IN ('a', 'b');
CREATE VIEW w AS SELECT t.id FROM t;
CREATE VIEW x AS SELECT max(t.id) AS m FROM t;
-- to
CREATE TABLE t (id int NOT NULL, s varchar(9) CHECK (s IN ('a', 'b')), n int, CONSTRAINT c CHECK (n > 0) NOT ENFORCED);
CREATE VIEW v AS SELECT t.id, t.s FROM t WHERE t.s IN ('a', 'b');
CREATE VIEW w AS SELECT t.id FROM t WHERE t.id > 1;
ALTER TABLE t ALTER n SET NOT NULL, ADD m int DEFAULT 3;
ALTER TABLE t ADD g int GENERATED ALWAYS AS (n * 2) VIRTUAL;
CREATE VIEW x AS SELECT any_value(t.id) AS m FROM t;
CREATE VIEW over AS SELECT g FROM t;
CREATE INDEX i ON t (s) WHERE s IN ('a', 'b');
GRANT SELECT, MAINTAIN ON t TO pg_monitor;
CREATE FUNCTION merged() RETURNS void LANGUAGE sql BEGIN ATOMIC
    MERGE INTO t USING t AS u ON u.id = t.id WHEN MATCHED THEN UPDATE SET n = 1; END;
-- plan
BEGIN;
ALTER TABLE public.t ADD CONSTRAINT t_n_not_null CHECK (n IS NOT NULL) NOT VALID;  -- blocks reads and writes of public.t
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT t_n_not_null;
COMMIT;

BEGIN;
GRANT SELECT ON TABLE public.t TO pg_monitor;  -- changes who may do what
ALTER TABLE public.t ALTER COLUMN n SET NOT NULL;  -- blocks reads and writes of public.t
ALTER TABLE public.t DROP CONSTRAINT t_n_not_null;  -- blocks reads and writes of public.t
ALTER TABLE public.t ADD COLUMN m integer DEFAULT 3;  -- blocks reads and writes of public.t
CREATE OR REPLACE VIEW public.w AS SELECT t.id
   FROM public.t
  WHERE (t.id > 1);  -- blocks reads and writes of public.w
COMMIT;

CREATE INDEX CONCURRENTLY i ON public.t USING btree (s) WHERE ((s)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text]));

-- cannot be done: view public.over: it needs column public.t.g
-- cannot be done: table public.t: MAINTAIN: new in 17, and this is PostgreSQL 14
-- cannot be done: view public.x: PostgreSQL 14 refuses it: function any_value(integer) does not exist
-- cannot be done: column public.t.g: a virtual generated column: new in 18, and this is PostgreSQL 14
-- cannot be done: constraint public.t.c: NOT ENFORCED: new in 18, and this is PostgreSQL 14
-- cannot be done: function public.merged(): PostgreSQL 14 refuses it: syntax error at or near "MERGE"
