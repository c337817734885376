-- expect: QRY107 as_lost
-- expect: QRY107 as_given ?
-- expect: QRY107 by_hand ?
-- expect: QRY107 from_others
-- expect: QRY107 in_house ?
-- expect: QRY107 none
-- expect: QRY107 plain
-- expect: QRY107 runs
-- expect: QRY107 runs_alone
-- expect: QRY107 upserts
-- expect: QRY108 as_new
-- Old code on a new schema and new code on the old one: constraints on what is written.
CREATE TABLE houses (id integer PRIMARY KEY);
CREATE TABLE guests (
    id integer PRIMARY KEY,
    name text,
    state text CHECK (state IN ('here', 'gone', 'new')),
    house integer REFERENCES houses
);
CREATE TABLE pets (id integer PRIMARY KEY, name text, kind text NOT NULL, age integer NOT NULL DEFAULT 0);
CREATE TABLE filled (id integer PRIMARY KEY, kind text NOT NULL);
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.kind := 'x'; RETURN NEW; END $$;
CREATE TRIGGER fill BEFORE INSERT ON filled FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL CONSTRAINT short CHECK (length(text) < 9));
-- file: checks/guests.sql
-- name: as_new
INSERT INTO guests (id, state) VALUES ($1, 'new');
-- file: base/migrations/01-guests.sql
CREATE TABLE houses (id integer PRIMARY KEY);
CREATE TABLE guests (
    id integer PRIMARY KEY,
    name text,
    state text CHECK (state IN ('here', 'gone', 'lost')),
    house integer
);
CREATE TABLE pets (id integer PRIMARY KEY, name text, kind text);
CREATE TABLE filled (id integer PRIMARY KEY);
CREATE TABLE gone (id integer PRIMARY KEY);
CREATE TABLE notes (id integer PRIMARY KEY, text text CONSTRAINT long CHECK (length(text) < 9));
-- file: base/checks/guests.sql
-- name: as_here
INSERT INTO guests (id, state) VALUES ($1, 'here');

-- name: as_lost
INSERT INTO guests (id, state) VALUES ($1, 'lost');

-- name: as_given
UPDATE guests SET state = $1 WHERE id = $2;

-- name: in_house
UPDATE guests SET house = $1 WHERE id = $2;

-- name: renames
UPDATE guests SET name = $1 WHERE id = $2;

-- name: plain
INSERT INTO pets (id, name) VALUES ($1, $2);

-- name: upserts
INSERT INTO pets (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = excluded.name;

-- name: from_others
INSERT INTO pets (id, name) SELECT id + 1, name FROM pets;

-- name: none
UPDATE pets SET kind = NULL WHERE id = $1;

-- name: by_hand
UPDATE pets SET kind = $1 WHERE id = $2;

-- name: fills
INSERT INTO filled (id) VALUES ($1);

-- name: same_check_by_another_name
UPDATE notes SET text = 'short' WHERE id = $1;

-- name: runs
-- succeeds
INSERT INTO notes (id, text) VALUES (1, NULL);

-- name: runs_alone
-- succeeds
COMMENT ON TABLE gone IS 'x';
