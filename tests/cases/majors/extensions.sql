-- 17 15
CREATE EXTENSION btree_gist;
CREATE DOMAIN d AS int NOT NULL;
CREATE TABLE t (a d, b int GENERATED ALWAYS AS IDENTITY, EXCLUDE USING gist (b WITH =));
-- to
CREATE EXTENSION btree_gist;
CREATE DOMAIN d AS int NOT NULL;
CREATE TABLE t (a d, b int, EXCLUDE USING gist (b WITH =));
-- plan
ALTER TABLE public.t ALTER COLUMN b DROP IDENTITY;  -- blocks reads and writes of public.t
ALTER TABLE public.t ALTER COLUMN b DROP NOT NULL;  -- blocks reads and writes of public.t
