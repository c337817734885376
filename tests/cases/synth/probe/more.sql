-- More kinds: UPDATE, constraint triggers, arithmetic, partitions' own, domains within values, several operators.
-- What is not said here is refused by the constraint at once, by INSERT and by UPDATE.
-- upd.upd_k_check: refused, update swallowed
-- upd.upd_m_check: refused, update mended
-- append.append_k_check: refused, update otherwise
-- aside.aside_k_check: refused, update untried
-- pt.a: refused, update otherwise
-- pt2.pt2_k_key: refused, by UPDATE
-- fullkey.fullkey_a_b_fkey: refused, also NULL in a b
-- simple.simple_a_b_fkey: refused, but NULL in a b
-- says.st: refused, late
-- stays.gt: refused, by DELETE
-- silent.lt: untried, it fires, and silent, which alone says what it refuses, refused none of 26 statements that fit (UPDATE, DELETE)
-- deep.deep_g_check: untried, no values that were tried for g break it
-- indom.dd_check1: untried, no value that was tried breaks CHECK ((VALUE <> (777 * 3)))
CREATE EXTENSION btree_gist;
CREATE TABLE usr (tenant int, id int, PRIMARY KEY (tenant, id));
CREATE TABLE fullkey (a int, b int, FOREIGN KEY (a, b) REFERENCES usr MATCH FULL);
CREATE TABLE simple (a int, b int, FOREIGN KEY (a, b) REFERENCES usr);
CREATE TABLE selfs (id int PRIMARY KEY, up int REFERENCES selfs, boss int NOT NULL REFERENCES selfs ON UPDATE CASCADE);
CREATE TABLE excl (
    a int, b text, c int4range, d int,
    EXCLUDE USING gist (a WITH =, b WITH <>, c WITH &&) WHERE (d > 5), EXCLUDE USING gist (c WITH -|-)
);
CREATE TABLE pt (a int NOT NULL, k int, PRIMARY KEY (a)) PARTITION BY LIST (a);
CREATE TABLE pt1 PARTITION OF pt (CONSTRAINT k_chk CHECK (k > 0)) FOR VALUES IN (1, 10);
CREATE TABLE pt2 PARTITION OF pt (CONSTRAINT k_chk CHECK (k > 7), k NOT NULL, UNIQUE (k)) FOR VALUES IN (2, 20);
CREATE TABLE par (n int NOT NULL, m int CHECK (m > 0));
CREATE TABLE kid () INHERITS (par);
CREATE TABLE upd (id int PRIMARY KEY, k int CHECK (k > 0), m int CHECK (m > 0));
CREATE FUNCTION upd() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.k <= 0 THEN RETURN NULL; END IF;
    NEW.m := OLD.m;
    RETURN NEW;
END
$$;
CREATE TRIGGER upd BEFORE UPDATE ON upd FOR EACH ROW EXECUTE FUNCTION upd();
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'rows are not changed'; END $$;
CREATE TABLE append (k int CHECK (k > 0));
CREATE TRIGGER no BEFORE UPDATE ON append FOR EACH ROW EXECUTE FUNCTION no();
CREATE TABLE aside (k int CHECK (k > 0));
CREATE RULE aside AS ON UPDATE TO aside DO INSTEAD NOTHING;
CREATE TABLE says (id int PRIMARY KEY, a int);
CREATE FUNCTION says() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.a > 4711 THEN RAISE 'too much'; END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER st AFTER INSERT OR UPDATE ON says DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION says();
CREATE TABLE stays (id int PRIMARY KEY);
CREATE CONSTRAINT TRIGGER gt AFTER DELETE ON stays FOR EACH ROW EXECUTE FUNCTION no();
CREATE FUNCTION silent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TABLE silent (id int PRIMARY KEY, a int);
CREATE CONSTRAINT TRIGGER lt AFTER UPDATE OR DELETE ON silent FOR EACH ROW EXECUTE FUNCTION silent();
CREATE DOMAIN lbl AS text NOT NULL CHECK (VALUE <> '');
CREATE DOMAIN pos AS int CHECK (VALUE > 0);
CREATE TYPE comp AS (y int, x lbl);
CREATE TABLE within (ps pos[], c comp);
CREATE TABLE deep (
    a int CHECK (a * 37 = 4921), b int CHECK (b % 97 = 13 AND b > 5000), c int CHECK (c * c - 100 * c + 2491 = 0),
    d int NOT NULL, e int NOT NULL, CHECK (d * 17 + e * 3 = 1000), f numeric(10, 2) CHECK (f * 1.19 BETWEEN 118.9 AND 119.1),
    g int CHECK (NOT (g * 2 = 3)), h int NOT NULL CHECK (h # 12345 = 99), i bigint CHECK (i / 1000000 = 77),
    j date CHECK (extract(dow FROM j) = 3 AND extract(day FROM j) = 29), k text NOT NULL CHECK (length(k) * 3 = 51),
    l int CHECK (l <> 777 * 3), m date CHECK (m - DATE '2020-01-01' <> 4000), n int NOT NULL CHECK (100 / n > 5)
);
CREATE DOMAIN dd AS int CHECK (VALUE % 97 = 13) CHECK (VALUE <> 777 * 3);
CREATE DOMAIN ddd AS dd CHECK (VALUE > 500);
CREATE TABLE indom (a dd NOT NULL, b ddd NOT NULL);
