-- Each kind of constraint, and what stands in its way. What is not said here is refused by the constraint at once.
-- swa.swa_k_check: swallowed
-- ct.cct: untried, it fires, and nothing, which alone says what it refuses, refused none of 17 statements that fit (INSERT)
-- rai.rai_k_check: refused, without its triggers
-- rw.rw_m_check: refused, mended
-- filled.slug: refused, mended
-- autoc.autoc_p_fkey: refused, mended
-- uu.uu_a_b_key: refused, without uu_a_key
-- lab.l: refused, without NOT NULL of domain public.label
-- late.late_p_fkey: refused, late
-- late.late_u_key: refused, late
-- off.off_p_fkey: accepted, off D
-- pt.a: refused, update otherwise
-- pt.pt_p_fkey: accepted, off D
-- repl.repl_p_fkey: accepted, off R
-- kid.noi: accepted
-- kid.base_p_fkey: accepted
-- kid.base_pkey: accepted
-- base.noi: refused
-- nv.nv_n: refused, 1 old
-- nvf.nvf_p_fkey: refused, 2 old
-- w.w_check: untried, 23514 new row for relation "w" violates check constraint "w_check"
-- w.w_t_check: untried, 23514 new row for relation "w" violates check constraint "w_check"
CREATE TABLE par (id int PRIMARY KEY);
CREATE TABLE off (id int PRIMARY KEY, p int REFERENCES par);
ALTER TABLE off DISABLE TRIGGER ALL;
CREATE TABLE repl (id int PRIMARY KEY, p int REFERENCES par);
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT tgname FROM pg_trigger WHERE tgrelid = 'repl'::regclass LOOP
        EXECUTE format('ALTER TABLE repl ENABLE REPLICA TRIGGER %I', name);
    END LOOP;
END
$$;
CREATE TABLE nv (id int PRIMARY KEY, n int);
INSERT INTO nv VALUES (1, -5), (2, 3);
ALTER TABLE nv ADD CONSTRAINT nv_n CHECK (n > 0) NOT VALID;
CREATE TABLE nvf (p int);
INSERT INTO nvf VALUES (-5), (-6);
ALTER TABLE nvf ADD FOREIGN KEY (p) REFERENCES par NOT VALID;
CREATE TABLE impl (n int CONSTRAINT a CHECK (n > 0) CONSTRAINT b CHECK (n > 5));
CREATE TABLE uu (a int UNIQUE, b int, UNIQUE (a, b));
CREATE TABLE late (
    p int REFERENCES par DEFERRABLE INITIALLY DEFERRED, u int CONSTRAINT late_u_key UNIQUE DEFERRABLE INITIALLY DEFERRED
);
CREATE FUNCTION low() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.m := lower(NEW.m); RETURN NEW; END $$;
CREATE TABLE rw (m text NOT NULL CHECK (m = lower(m)), k int CHECK (k > 0));
CREATE TRIGGER low BEFORE INSERT ON rw FOR EACH ROW EXECUTE FUNCTION low();
CREATE FUNCTION slug() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.slug := 's'; RETURN NEW; END $$;
CREATE TABLE filled (slug text NOT NULL);
CREATE TRIGGER slug BEFORE INSERT ON filled FOR EACH ROW EXECUTE FUNCTION slug();
CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.k <= 0 THEN RETURN NULL; END IF;
    RETURN NEW;
END
$$;
CREATE TABLE swa (k int CHECK (k > 0));
CREATE TRIGGER skip BEFORE INSERT ON swa FOR EACH ROW EXECUTE FUNCTION skip();
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.k <= 0 THEN RAISE 'no'; END IF;
    RETURN NEW;
END
$$;
CREATE TABLE rai (k int CHECK (k > 0));
CREATE TRIGGER no BEFORE INSERT ON rai FOR EACH ROW EXECUTE FUNCTION no();
CREATE TABLE pi (a int, st text CHECK (st IN ('x', 'y')), em text);
CREATE UNIQUE INDEX pi_p ON pi (a) WHERE st = 'x';
CREATE UNIQUE INDEX pi_e ON pi (lower(em));
CREATE TABLE gen (
    a int,
    b int GENERATED ALWAYS AS (a * 2) STORED CHECK (b < 10),
    c int GENERATED ALWAYS AS (a + 1) STORED NOT NULL,
    UNIQUE (b)
);
CREATE EXTENSION btree_gist;
CREATE TABLE room (r int, during tsrange, EXCLUDE USING gist (r WITH =, during WITH &&));
CREATE TABLE cage (c int, animal text, EXCLUDE USING gist (c WITH =, animal WITH <>));
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TABLE ct (a int);
CREATE CONSTRAINT TRIGGER cct AFTER INSERT ON ct DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION nothing();
CREATE TABLE w (t text CHECK (t <> ''), CHECK (false) NO INHERIT);
CREATE TABLE base (id int PRIMARY KEY, p int REFERENCES par, CONSTRAINT noi CHECK (id > 0) NO INHERIT);
CREATE TABLE kid () INHERITS (base);
CREATE TABLE big (
    n int CHECK (n BETWEEN 1 AND 5), s varchar(10) CHECK (length(s) >= 3), j jsonb CHECK (j ? 'k'),
    v numeric(10, 2) CHECK (v >= 0), d date CHECK (d > '2000-01-01'), arr int[] CHECK (array_length(arr, 1) <= 3),
    em text CHECK (em ~* '^[^@]+@[^@]+$'), CHECK ((n IS NULL) <> (s IS NULL)), CHECK (num_nonnulls(n, v) = 1)
);
CREATE TABLE autop (id int PRIMARY KEY);
CREATE TABLE autoc (p int REFERENCES autop);
CREATE FUNCTION parent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO autop VALUES (NEW.p) ON CONFLICT DO NOTHING;
    RETURN NEW;
END
$$;
CREATE TRIGGER parent BEFORE INSERT ON autoc FOR EACH ROW EXECUTE FUNCTION parent();
CREATE TABLE pt (a int NOT NULL, k int, p int REFERENCES par, PRIMARY KEY (a, k), CHECK (k > 0)) PARTITION BY LIST (a);
CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1);
CREATE TABLE pt2 PARTITION OF pt FOR VALUES IN (2);
ALTER TABLE pt2 DISABLE TRIGGER ALL;
CREATE DOMAIN label AS text NOT NULL CHECK (VALUE <> '');
CREATE DOMAIN short_label AS label CHECK (length(VALUE) < 20);
CREATE TABLE lab (l label NOT NULL, s short_label);
