-- 14 15
CREATE TABLE t (a int, b int);
CREATE UNIQUE INDEX i ON t (a);
CREATE VIEW v WITH (security_barrier) AS SELECT a FROM t;
-- to
CREATE TABLE t (a int, b int);
CREATE UNIQUE INDEX i ON t (a) NULLS NOT DISTINCT;
CREATE VIEW v WITH (security_barrier, security_invoker) AS SELECT a FROM t;
CREATE VIEW over AS SELECT a FROM v;
CREATE UNIQUE INDEX j ON t (b);
-- plan
BEGIN;
CREATE VIEW public.over AS SELECT v.a
   FROM public.v;
ALTER VIEW public.over OWNER TO postgres;
COMMIT;

CREATE UNIQUE INDEX CONCURRENTLY j ON public.t USING btree (b);

-- cannot be done: index public.i: NULLS NOT DISTINCT: new in 15, and this is PostgreSQL 14
-- cannot be done: view public.v: security_invoker: new in 15, and this is PostgreSQL 14
