-- A value of an enumeration goes, and others change places: columns are converted to another type of its name.
CREATE TYPE mood AS ENUM ('sad', 'so-so', 'happy');
CREATE TABLE t (m mood NOT NULL DEFAULT 'sad' CHECK (m <> 'so-so'), l mood[]);
CREATE INDEX sad ON t (m) WHERE m = 'sad';
CREATE INDEX moods ON t (m, l);
-- to
CREATE TYPE mood AS ENUM ('happy', 'sad');
CREATE TABLE t (m mood NOT NULL DEFAULT 'sad' CHECK (m <> 'happy'), l mood[]);
CREATE INDEX sad ON t (m) WHERE m = 'sad';
CREATE INDEX moods ON t (m, l);
-- plan
BEGIN;
ALTER TABLE public.t DROP CONSTRAINT t_m_check;
DROP INDEX public.sad;
ALTER TABLE public.t ALTER COLUMN m DROP DEFAULT;
ALTER TYPE public.mood RENAME TO mood_old;
CREATE TYPE public.mood AS ENUM ('happy', 'sad');
ALTER TYPE public.mood OWNER TO postgres;
ALTER TABLE public.t ALTER COLUMN m TYPE public.mood USING m::text::public.mood;  -- fails if a row has a value that is gone; rewrites the table
ALTER TABLE public.t ALTER COLUMN l TYPE public.mood[] USING l::text::public.mood[];  -- fails if a row has a value that is gone; rewrites the table
ALTER TABLE public.t ALTER COLUMN m SET DEFAULT 'sad'::public.mood;
ALTER TABLE public.t ADD CONSTRAINT t_m_check CHECK ((m <> 'happy'::public.mood)) NOT VALID;
COMMIT;

CREATE INDEX CONCURRENTLY sad ON public.t USING btree (m) WHERE (m = 'sad'::public.mood);

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT t_m_check;
COMMIT;

BEGIN;
DROP TYPE public.mood_old;
COMMIT;
