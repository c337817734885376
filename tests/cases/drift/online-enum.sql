-- Values of an enumeration are committed before they are used.
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE t (m mood DEFAULT 'sad');
-- to
CREATE TYPE mood AS ENUM ('sad', 'so-so', 'happy', 'glad');
CREATE TABLE t (m mood DEFAULT 'glad' CHECK (m <> 'so-so'));
COMMENT ON TYPE mood IS 'how';
-- plan
BEGIN;
ALTER TYPE public.mood ADD VALUE 'so-so' AFTER 'sad';
ALTER TYPE public.mood ADD VALUE 'glad' AFTER 'happy';
COMMIT;

BEGIN;
COMMENT ON TYPE public.mood IS 'how';
ALTER TABLE public.t ALTER COLUMN m SET DEFAULT 'glad'::public.mood;
ALTER TABLE public.t ADD CONSTRAINT t_m_check CHECK ((m <> 'so-so'::public.mood)) NOT VALID;
COMMIT;

BEGIN;
ALTER TABLE public.t VALIDATE CONSTRAINT t_m_check;
COMMIT;
