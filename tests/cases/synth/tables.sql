-- Tables that are hard to fill: each kind of constraint, of type, of reference; the last ones take no row at all.
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN positive AS integer NOT NULL CHECK (VALUE > 17);
CREATE DOMAIN email AS text CHECK (VALUE ~ '^[a-z]+@[a-z]+\.[a-z]{2,}$');
CREATE TABLE tree (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES tree);
CREATE TABLE own (id int PRIMARY KEY, parent int NOT NULL REFERENCES own);
CREATE TABLE types (
    a bool NOT NULL, b mood NOT NULL, c pair NOT NULL, d positive, e email NOT NULL, f int[] NOT NULL, g jsonb NOT NULL, h uuid UNIQUE NOT NULL,
    i inet NOT NULL, j interval NOT NULL, k bit(8) NOT NULL, l varbit(5) NOT NULL, m point NOT NULL, n box, o polygon NOT NULL,
    p tstzrange NOT NULL, q int4multirange NOT NULL, r macaddr NOT NULL, s json NOT NULL, t varchar(3) UNIQUE, u char(2) NOT NULL, v numeric(3,2) NOT NULL,
    w timestamptz NOT NULL, x bytea NOT NULL, y mood[] NOT NULL, z tsvector NOT NULL, aa text[] NOT NULL CHECK (cardinality(aa) = 2)
);
CREATE TABLE job (
    id bigserial PRIMARY KEY, state text NOT NULL CHECK (state IN ('open','done')), a timestamptz NOT NULL, b timestamptz, c timestamptz,
    CHECK ((b IS NULL OR b >= a) AND (c IS NULL OR c >= coalesce(b, a))),
    n int CHECK (n BETWEEN 500 AND 510), code text UNIQUE NOT NULL CHECK (code ~ '^[A-Z]{3}-\d{4}$'),
    long text NOT NULL CHECK (length(long) > 300), CHECK ((state = 'done') = (c IS NOT NULL)),
    twice int GENERATED ALWAYS AS (n * 2) STORED, doc jsonb NOT NULL CHECK (jsonb_typeof(doc) = 'array')
);
CREATE TABLE part (a int NOT NULL, t text) PARTITION BY RANGE (a);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1000) TO (2000);
CREATE TABLE part_d PARTITION OF part DEFAULT;
CREATE TABLE lst (a text NOT NULL PRIMARY KEY) PARTITION BY LIST (a);
CREATE TABLE lst_1 PARTITION OF lst FOR VALUES IN ('x1','x2');
CREATE TABLE hsh (a int PRIMARY KEY) PARTITION BY HASH (a);
CREATE TABLE hsh_0 PARTITION OF hsh FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE hsh_1 PARTITION OF hsh FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE to_part (a int REFERENCES hsh, l text NOT NULL REFERENCES lst);
CREATE TABLE tenant (id int PRIMARY KEY);
CREATE TABLE usr (tenant int REFERENCES tenant, id int, PRIMARY KEY (tenant, id));
CREATE TABLE post (tenant int NOT NULL REFERENCES tenant, usr int NOT NULL, peer int, FOREIGN KEY (tenant, usr) REFERENCES usr, FOREIGN KEY (tenant, peer) REFERENCES usr);
CREATE TABLE c1 (id int PRIMARY KEY, o int);
CREATE TABLE c2 (id int PRIMARY KEY, o int NOT NULL REFERENCES c1);
ALTER TABLE c1 ADD FOREIGN KEY (o) REFERENCES c2;
CREATE TABLE d1 (id int PRIMARY KEY, o int NOT NULL);
CREATE TABLE d2 (id int PRIMARY KEY, o int NOT NULL REFERENCES d1);
ALTER TABLE d1 ADD FOREIGN KEY (o) REFERENCES d2;
CREATE TABLE e1 (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, o uuid NOT NULL UNIQUE);
CREATE TABLE e2 (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), o text NOT NULL);
CREATE TABLE e3 (id text PRIMARY KEY CHECK (id ~ '^k'), o bigint NOT NULL REFERENCES e1 DEFERRABLE);
ALTER TABLE e1 ADD FOREIGN KEY (o) REFERENCES e2;
ALTER TABLE e2 ADD FOREIGN KEY (o) REFERENCES e3 DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE excl (during tstzrange NOT NULL, EXCLUDE USING gist (during WITH &&));
CREATE TABLE never (a int NOT NULL CHECK (a > 3), CHECK (a < 2));
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'not here'; END$$;
CREATE TABLE refusing (a int);
CREATE TRIGGER t BEFORE INSERT ON refusing FOR EACH ROW EXECUTE FUNCTION no();
CREATE TABLE ruled (a int);
CREATE RULE r AS ON INSERT TO ruled DO INSTEAD NOTHING;
CREATE TABLE secured (a int); ALTER TABLE secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE TABLE "we ird" ("a b" int, "select" text NOT NULL CHECK ("select" LIKE 'x%y'));
CREATE TABLE nothing ();
CREATE TABLE flag (f bool UNIQUE NOT NULL);
