-- New indexes beside those who write, an index that changes replaced before it is dropped, one that goes at the end.
CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1';
CREATE TABLE t (a int, b text, c int);
CREATE INDEX same ON t (a);
CREATE INDEX other ON t (a) WHERE b IS NOT NULL;
CREATE INDEX goes ON t (b, c);
CREATE INDEX stays_served ON t (c);
COMMENT ON INDEX other IS 'hm';
-- to
CREATE TABLE t (a int, b text, c int);
CREATE INDEX same ON t (a);
CREATE INDEX other ON t (a) WHERE b IS NULL;
CREATE INDEX fresh ON t (c, a);
CREATE UNIQUE INDEX u ON t (a, b, c);
COMMENT ON INDEX other IS 'hm';
COMMENT ON INDEX fresh IS 'new';
-- plan
BEGIN;
ALTER INDEX public.other RENAME TO other_old;
COMMIT;

CREATE INDEX CONCURRENTLY fresh ON public.t USING btree (c, a);

BEGIN;
COMMENT ON INDEX public.fresh IS 'new';
COMMIT;

CREATE INDEX CONCURRENTLY other ON public.t USING btree (a) WHERE (b IS NULL);

BEGIN;
COMMENT ON INDEX public.other IS 'hm';
COMMIT;

CREATE UNIQUE INDEX CONCURRENTLY u ON public.t USING btree (a, b, c);

DROP INDEX CONCURRENTLY public.other_old;

DROP INDEX CONCURRENTLY public.goes;  -- no other index begins with its columns

DROP INDEX CONCURRENTLY public.stays_served;

BEGIN;
DROP FUNCTION public.f(integer);
COMMIT;
