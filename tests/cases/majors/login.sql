-- 15 17
CREATE TABLE p (a int, b int) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE TABLE t (a int, s varchar(3) DEFAULT 'x' CHECK (s IN ('x', 'y')));
CREATE VIEW v AS SELECT t.a FROM t WHERE t.s IN ('x', 'y');
-- to
CREATE TABLE p (a int, b int GENERATED ALWAYS AS IDENTITY) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION f();
CREATE TABLE t (a int, s varchar(3) DEFAULT 'x' CHECK (s IN ('x', 'y', 'z')));
CREATE VIEW v AS SELECT t.a FROM t WHERE t.s IN ('x', 'y');
CREATE VIEW w AS SELECT t.a FROM v AS t;
CREATE COLLATION c (provider = builtin, locale = 'C.UTF-8');
CREATE DOMAIN d AS text COLLATE c;
-- plan
BEGIN;
ALTER TABLE public.t DROP CONSTRAINT t_s_check;  -- blocks reads and writes of public.t
CREATE VIEW public.w AS SELECT t.a
   FROM public.v t;
ALTER VIEW public.w OWNER TO postgres;
ALTER TABLE public.t ADD CONSTRAINT t_s_check CHECK (((s)::text = ANY (ARRAY[('x'::character varying)::text, ('y'::character varying)::text, ('z'::character varying)::text]))) NOT VALID;  -- blocks reads and writes of public.t
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT t_s_check;
COMMIT;

-- cannot be done: column public.p.b: an identity column of a partitioned table: new in 17, and this is PostgreSQL 15
-- cannot be done: column public.p1.b: an identity column of a partitioned table: new in 17, and this is PostgreSQL 15
-- cannot be done: domain public.d: it needs collation public.c
-- cannot be done: collation public.c: the provider builtin: new in 17, and this is PostgreSQL 15
-- cannot be done: event trigger e: a trigger on login: new in 17, and this is PostgreSQL 15
