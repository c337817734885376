-- until 17
-- Keys by an index that is built before; foreign keys and CHECKs are validated behind; NOT NULL by a validated CHECK.
CREATE TABLE t (a int, b int, c int, "D d" text);
CREATE TABLE r (id int PRIMARY KEY, a int);
CREATE TABLE s (a int, b int, UNIQUE (a));
-- to
CREATE TABLE r (id int PRIMARY KEY, a int UNIQUE);
CREATE TABLE t (a int NOT NULL, b int, c int PRIMARY KEY, "D d" text NOT NULL CHECK ("D d" <> ''),
    e int NOT NULL DEFAULT 3 UNIQUE DEFERRABLE, FOREIGN KEY (b) REFERENCES r (a));
CREATE TABLE s (a int, b int, CONSTRAINT s_a_key UNIQUE (a, b));
-- plan
BEGIN;
ALTER TABLE public.t ADD CONSTRAINT t_a_not_null CHECK (a IS NOT NULL) NOT VALID;
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT t_a_not_null;
COMMIT;

BEGIN;
ALTER TABLE public.t ADD CONSTRAINT t_c_not_null CHECK (c IS NOT NULL) NOT VALID;
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT t_c_not_null;
COMMIT;

BEGIN;
ALTER TABLE public.t ADD CONSTRAINT "t_D d_not_null" CHECK ("D d" IS NOT NULL) NOT VALID;
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT "t_D d_not_null";
COMMIT;

CREATE UNIQUE INDEX CONCURRENTLY r_a_key ON public.r USING btree (a);

CREATE UNIQUE INDEX CONCURRENTLY s_a_key_new ON public.s USING btree (a, b);

CREATE UNIQUE INDEX CONCURRENTLY t_pkey ON public.t USING btree (c);

BEGIN;
ALTER TABLE public.s DROP CONSTRAINT s_a_key;
ALTER TABLE public.t ALTER COLUMN a SET NOT NULL;
ALTER TABLE public.t DROP CONSTRAINT t_a_not_null;
ALTER TABLE public.t ALTER COLUMN c SET NOT NULL;
ALTER TABLE public.t DROP CONSTRAINT t_c_not_null;
ALTER TABLE public.t ALTER COLUMN "D d" SET NOT NULL;
ALTER TABLE public.t DROP CONSTRAINT "t_D d_not_null";
ALTER TABLE public.t ADD COLUMN e integer DEFAULT 3 NOT NULL;
ALTER TABLE public.r ADD CONSTRAINT r_a_key UNIQUE USING INDEX r_a_key;
ALTER TABLE public.s ADD CONSTRAINT s_a_key UNIQUE USING INDEX s_a_key_new;
ALTER TABLE public.t ADD CONSTRAINT "t_D d_check" CHECK (("D d" <> ''::text)) NOT VALID;
ALTER TABLE public.t ADD CONSTRAINT t_b_fkey FOREIGN KEY (b) REFERENCES public.r(a) NOT VALID;
ALTER TABLE public.t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey;
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT "t_D d_check";
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT t_b_fkey;
COMMIT;

CREATE UNIQUE INDEX CONCURRENTLY t_e_key ON public.t USING btree (e);

BEGIN;
ALTER TABLE public.t ADD CONSTRAINT t_e_key UNIQUE USING INDEX t_e_key DEFERRABLE;
COMMIT;
