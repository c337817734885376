-- 18 15
CREATE TABLE t (a int CONSTRAINT mine NOT NULL, b int CONSTRAINT goes NOT NULL, c text);
CREATE TABLE u () INHERITS (t);
CREATE DOMAIN d AS int CONSTRAINT so NOT NULL;
-- to
CREATE TABLE t (a int NOT NULL, b int, c text);
CREATE TABLE u () INHERITS (t);
CREATE DOMAIN d AS int NOT NULL;
CREATE INDEX i ON t (lower(c));
-- plan
BEGIN;
ALTER TABLE public.t DROP CONSTRAINT goes;  -- blocks reads and writes of public.t, public.u
COMMIT;

CREATE INDEX CONCURRENTLY i ON public.t USING btree (lower(c));
