-- One of everything that a schema can hold, for tests of what is read and compared. A line `-- from 15` holds for what
-- is below it, until the next such line. The roles that it speaks of are reader and writer,
-- and DATABASE_NAME stands for the database.
SET client_min_messages = warning;

CREATE EXTENSION hstore;
ALTER FUNCTION hstore_in(cstring) OWNER TO pg_monitor;
CREATE SCHEMA "we ird";
CREATE SCHEMA other;
COMMENT ON SCHEMA other IS 'the other one';

CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CONSTRAINT positive_check CHECK (VALUE > 0);
CREATE DOMAIN word AS text COLLATE "C";
CREATE TYPE whole;
CREATE FUNCTION whole_in(cstring) RETURNS whole LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION whole_out(whole) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE whole (INPUT = whole_in, OUTPUT = whole_out, LIKE = int4);

CREATE COLLATION german (provider = icu, locale = 'de-DE');
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;

CREATE FUNCTION add(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE FUNCTION set_of(n integer, VARIADIC more integer[]) RETURNS SETOF integer LANGUAGE plpgsql AS 'BEGIN RETURN; END';
CREATE FUNCTION body() RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT 1; END;
CREATE FUNCTION settings() RETURNS integer LANGUAGE sql SET search_path = 'public' SET work_mem = '4MB' AS 'SELECT 1';
CREATE PROCEDURE act(INOUT a integer) LANGUAGE plpgsql AS 'BEGIN a := 1; END';
CREATE AGGREGATE total(integer) (
    SFUNC = int4pl, STYPE = integer, COMBINEFUNC = int4pl, INITCOND = '0',
    MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0'
);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION touch2() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION watch_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION watch_ddl2() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';

CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4eq, COMMUTATOR = ===, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES);
CREATE OPERATOR !== (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4ne, NEGATOR = ===);
CREATE OPERATOR FAMILY numbers USING btree;
CREATE OPERATOR CLASS by_number FOR TYPE integer USING btree FAMILY numbers AS
    OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(integer, integer);
CREATE CAST (pair AS text) WITH INOUT;
CREATE CAST (mood AS integer) WITH FUNCTION hashenum(anyenum);
CREATE TRANSFORM FOR integer LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE FUNCTION other_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION other_inline(internal) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_inline_handler';
CREATE FUNCTION other_validator(oid) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE LANGUAGE plother HANDLER other_handler INLINE other_inline VALIDATOR other_validator;
CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler;

CREATE SEQUENCE counter AS integer START 5 INCREMENT 2 MINVALUE 1 MAXVALUE 100 CACHE 3 CYCLE;
CREATE TABLE parent (
    id bigint GENERATED ALWAYS AS IDENTITY,
    code text NOT NULL,
    at timestamptz DEFAULT now(),
    CONSTRAINT parent_pkey PRIMARY KEY (id),
    CONSTRAINT parent_code_key UNIQUE (code) DEFERRABLE,
    CONSTRAINT parent_code_check CHECK (code <> '')
) WITH (fillfactor = 90);
CREATE TABLE child (
    id integer PRIMARY KEY,
    parent_id bigint CONSTRAINT child_parent_fkey REFERENCES parent (id) ON DELETE CASCADE,
    n numeric(10, 2) DEFAULT 0,
    doubled numeric GENERATED ALWAYS AS (n * 2) STORED,
    t text COLLATE "C",
    m mood DEFAULT 'sad',
    p positive,
    h hstore,
    w varchar(20),
    during tstzrange,
    CONSTRAINT child_no_overlap EXCLUDE USING gist (during WITH &&)
);
ALTER TABLE child ADD CONSTRAINT child_n_check CHECK (n >= 0) NOT VALID;
ALTER SEQUENCE counter OWNED BY child.id;
CREATE INDEX child_t ON child (t text_pattern_ops DESC NULLS LAST, (lower(w)) COLLATE "C") INCLUDE (n) WHERE n > 0;
CREATE INDEX child_h ON child USING gist (h);
CREATE UNIQUE INDEX child_w ON child (w);
CREATE INDEX child_m ON child (m);
CREATE UNIQUE INDEX child_id_t ON child (id);
CREATE TABLE "we ird"."ta.b""le" ("c ol" integer, "select" text);
CREATE TABLE typed OF pair;
CREATE TABLE base (a integer, b text, CONSTRAINT base_check CHECK (a > 0));
CREATE TABLE base2 (c integer);
CREATE TABLE derived (own integer) INHERITS (base, base2);
CREATE UNLOGGED TABLE fast (a integer);
CREATE RULE keep AS ON DELETE TO fast DO INSTEAD NOTHING;

CREATE TABLE parted (a integer, b text, c integer) PARTITION BY RANGE (a, (c + 1));
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1, 1) TO (10, 1);
CREATE TABLE parted_d PARTITION OF parted DEFAULT;
CREATE INDEX parted_b ON parted (b);
CREATE TABLE listed (a text) PARTITION BY LIST (a);
CREATE TABLE hashed (a integer) PARTITION BY HASH (a);
CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);

CREATE VIEW seen WITH (security_barrier = true) AS SELECT id, code FROM parent WHERE code <> 'x' WITH LOCAL CHECK OPTION;
CREATE VIEW over_seen AS SELECT code FROM seen;
CREATE MATERIALIZED VIEW held AS SELECT id, code FROM parent;
CREATE UNIQUE INDEX held_id ON held (id);
CREATE RULE ignore_it AS ON INSERT TO over_seen DO INSTEAD NOTHING;

CREATE TRIGGER touch_it BEFORE UPDATE OF n, t ON child FOR EACH ROW WHEN (OLD.n IS DISTINCT FROM NEW.n) EXECUTE FUNCTION touch('a', 'b');
CREATE TRIGGER after_all AFTER UPDATE ON child REFERENCING OLD TABLE AS olds NEW TABLE AS news FOR EACH STATEMENT EXECUTE FUNCTION touch();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON child FROM parent DEFERRABLE FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TRIGGER on_parted AFTER INSERT ON parted FOR EACH ROW EXECUTE FUNCTION touch();
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION watch_ddl();

ALTER TABLE child ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON child FOR ALL TO reader USING (n > 0) WITH CHECK (n > 1);
CREATE STATISTICS together (dependencies, ndistinct) ON t, w FROM child;
CREATE STATISTICS computed ON (lower(t)), (lower(w)) FROM child;

-- what the server writes of it, reads again and then writes in other words: after pg_dump it has another text
CREATE TABLE worded (s varchar(9) DEFAULT 'a' || 'b' CONSTRAINT worded_check CHECK (s IN ('a', 'b')), n integer);
ALTER TABLE worded ADD g boolean GENERATED ALWAYS AS (s IN ('x', 'y')) STORED;
CREATE INDEX worded_n ON worded (n) WHERE s IN ('a', 'b');
CREATE VIEW worded_view AS SELECT s, n FROM worded WHERE s IN ('a', 'b');
CREATE MATERIALIZED VIEW worded_held AS SELECT s, n FROM worded WHERE s NOT IN ('a', 'b');
CREATE RULE worded_rule AS ON INSERT TO worded_view WHERE NEW.s IN ('a', 'b') DO INSTEAD NOTHING;
CREATE POLICY worded_rows ON worded USING (s IN ('q', 'r'));
CREATE STATISTICS worded_together ON (s IN ('1', '2')), n FROM worded;
CREATE DOMAIN worded_domain AS varchar CONSTRAINT worded_domain_check CHECK (VALUE IN ('a', 'b'));
CREATE TRIGGER worded_touch BEFORE UPDATE ON worded FOR EACH ROW WHEN (NEW.s IN ('a', 'b')) EXECUTE FUNCTION touch();
CREATE FUNCTION worded_body(x varchar) RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT x IN ('a', 'b'); END;

CREATE TEXT SEARCH TEMPLATE plain (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH PARSER cut (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH DICTIONARY few (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION found (PARSER = "default");
ALTER TEXT SEARCH CONFIGURATION found ADD MAPPING FOR asciiword, word WITH few, simple;

CREATE FOREIGN DATA WRAPPER far OPTIONS (debug 'true');
CREATE SERVER distant TYPE 'thing' VERSION '1' FOREIGN DATA WRAPPER far OPTIONS (host 'h', password 'secret');
CREATE USER MAPPING FOR public SERVER distant OPTIONS (user 'u', password 'secret');
CREATE FOREIGN TABLE away (a integer OPTIONS (name 'x'), b text) SERVER distant OPTIONS (file 'f');

CREATE PUBLICATION news FOR TABLE parent WITH (publish = 'insert, update');
CREATE SUBSCRIPTION feed CONNECTION 'dbname=nowhere password=secret' PUBLICATION one, two WITH (connect = false, slot_name = NONE, enabled = false);

GRANT SELECT ON child TO reader;
GRANT UPDATE (n) ON child TO reader;
GRANT USAGE ON SCHEMA other TO reader WITH GRANT OPTION;
REVOKE EXECUTE ON FUNCTION add(integer, integer) FROM public;
ALTER DEFAULT PRIVILEGES FOR ROLE writer IN SCHEMA other GRANT SELECT ON TABLES TO reader;
COMMENT ON COLUMN child.n IS 'how many';
COMMENT ON CONSTRAINT child_n_check ON child IS 'not less than none';
COMMENT ON EXTENSION hstore IS 'ours';
GRANT SELECT ON pg_catalog.pg_authid TO reader;
COMMENT ON ROLE reader IS 'who reads';
GRANT reader TO writer;
ALTER ROLE reader IN DATABASE DATABASE_NAME SET work_mem = '7MB';
SET allow_system_table_mods = on;
INSERT INTO pg_catalog.pg_seclabel VALUES ('child'::regclass, 'pg_class'::regclass, 0, 'dummy', 'open');
INSERT INTO pg_catalog.pg_shseclabel SELECT 'reader'::regrole, 'pg_authid'::regclass, 'dummy', 'open'
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_shseclabel WHERE objoid = 'reader'::regrole);
RESET allow_system_table_mods;
-- from 15
GRANT SET ON PARAMETER work_mem TO reader;
CREATE UNIQUE INDEX child_t_n ON child (t) NULLS NOT DISTINCT;
ALTER TABLE child ADD CONSTRAINT child_set_null FOREIGN KEY (parent_id) REFERENCES parent ON DELETE SET NULL (parent_id);
CREATE PUBLICATION schemas FOR TABLES IN SCHEMA other;
CREATE PUBLICATION rows FOR TABLE child (id, n) WHERE (id > 3);
-- from 18
ALTER TABLE base2 ADD CONSTRAINT base2_later CHECK (c > 0) NOT ENFORCED;
ALTER TABLE parent ADD COLUMN length integer GENERATED ALWAYS AS (length(code)) VIRTUAL;
CREATE EXTENSION btree_gist;
CREATE TABLE rooms (room integer, during tstzrange, CONSTRAINT rooms_pkey PRIMARY KEY (room, during WITHOUT OVERLAPS));
CREATE TABLE bookings (room integer, during tstzrange, CONSTRAINT bookings_fkey FOREIGN KEY (room, PERIOD during) REFERENCES rooms (room, PERIOD during));
