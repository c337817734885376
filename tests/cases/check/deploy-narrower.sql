-- expect: QRY107 small ?
-- expect: QRY107 smaller
-- expect: QRY107 said_too_large ?
-- expect: QRY107 said_of_one_row ?
-- expect: QRY107 said_and_ruled ?
-- expect: QRY107 said_and_lacking ?
-- expect: QRY107 said_too_long ?
-- expect: QRY107 said_and_counted ?
-- expect: QRY107 fewer ?
-- expect: QRY107 fewer_of_them ?
-- expect: QRY107 ruled ?
-- expect: QRY107 shorter ?
-- expect: QRY107 gone ?
-- expect: QRY107 rekeyed ?
-- expect: QRY107 frozen
-- expect: QRY107 too_large
-- expect: QRY107 large ?
-- expect: QRY107 closed
-- Old code on a new schema: types that take less, keys that hold rows back, and triggers that refuse; rows are made for it.
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN score AS integer CHECK (VALUE >= 0) CHECK (VALUE < 10);
CREATE DOMAIN code AS varchar(5);
CREATE TABLE guests (
    id bigint PRIMARY KEY,
    room integer,
    floor bigint,
    mood mood,
    moods mood[],
    score score,
    code code,
    made timestamp,
    note varchar,
    state text NOT NULL DEFAULT 'new'
);
CREATE TABLE pets (id integer PRIMARY KEY, owner bigint NOT NULL REFERENCES guests);
CREATE TABLE toys (id integer PRIMARY KEY, owner bigint REFERENCES guests ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE doors (id integer PRIMARY KEY, n integer);
CREATE TABLE doors_closed (id integer PRIMARY KEY, n integer);
CREATE TABLE doors_large (id integer PRIMARY KEY, n integer);
CREATE FUNCTION refuse_small() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN IF NEW.n >= 1000000 THEN RETURN NEW; END IF; RAISE 'small'; END $$;
CREATE TRIGGER refuse_small BEFORE UPDATE ON doors_large FOR EACH ROW EXECUTE FUNCTION refuse_small();
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'closed'; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON doors FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TRIGGER refuse BEFORE DELETE ON doors_closed FOR EACH ROW EXECUTE FUNCTION refuse();
-- file: checks/guests.sql
-- name: nothing
SELECT id FROM guests WHERE id = $1;
-- file: base/migrations/01-guests.sql
CREATE TYPE mood AS ENUM ('good', 'bad', 'odd');
CREATE DOMAIN score AS integer CHECK (VALUE >= 0);
CREATE DOMAIN code AS varchar(9);
CREATE TABLE guests (
    id bigint PRIMARY KEY,
    room bigint,
    floor integer,
    mood mood,
    moods mood[],
    score score,
    code code,
    made timestamptz,
    note text,
    state text NOT NULL DEFAULT 'new'
);
CREATE TABLE pets (id integer PRIMARY KEY, owner bigint NOT NULL);
CREATE TABLE toys (id integer PRIMARY KEY, owner bigint);
CREATE TABLE doors (id integer PRIMARY KEY, n integer);
CREATE TABLE doors_closed (id integer PRIMARY KEY, n integer);
CREATE TABLE doors_large (id integer PRIMARY KEY, n bigint);
-- file: base/checks/guests.sql
-- name: small
UPDATE guests SET room = $1 WHERE id = $2;

-- name: smaller
-- params: $1=3000000000, $2=1
UPDATE guests SET room = $1 WHERE id = $2;

-- name: small_enough
-- params: $1=3, $2=1
UPDATE guests SET room = $1 WHERE id = $2;

-- name: said
-- params: $1::int
UPDATE guests SET room = $1 WHERE id = $2;

-- name: said_by_name
-- params: room::smallint
INSERT INTO guests (id, room) VALUES (@id, @room);

-- name: said_in_a_row
-- params: $1::integer
UPDATE guests SET (room, state) = ($1, $2) WHERE id = $3;

-- name: cast
INSERT INTO guests (id, room) VALUES ($1, $2::int), ($3, CAST($4 AS bigint)::integer);

-- name: said_too_large
-- params: $1::bigint
UPDATE guests SET room = $1 WHERE id = $2;

-- name: said_of_one_row
-- params: $2::integer
INSERT INTO guests (id, room) VALUES ($1, $2), ($3, $4);

-- name: said_and_ruled
-- params: $1::integer
UPDATE guests SET score = $1 WHERE id = $2;

-- name: said_and_lacking
-- params: $1::mood
UPDATE guests SET mood = $1 WHERE id = $2;

-- name: said_too_long
-- params: $1::varchar(6)
UPDATE guests SET code = $1 WHERE id = $2;

-- name: said_short
-- params: $1::varchar(4)
UPDATE guests SET code = $1 WHERE id = $2;

-- name: said_and_counted
-- params: $1::integer
UPDATE guests SET room = room + $1 WHERE id = $2;

-- name: wider
UPDATE guests SET floor = $1::integer, made = $2::timestamptz, note = $3 WHERE id = $4;

-- name: fewer
UPDATE guests SET mood = $1 WHERE id = $2;

-- name: fewer_of_them
INSERT INTO guests (id, moods) VALUES ($1, $2);

-- name: ruled
INSERT INTO guests (id, score) VALUES ($1, $2);

-- name: shorter
UPDATE guests SET code = $1 WHERE id = $2;

-- name: states
UPDATE guests SET state = $1 WHERE id = $2;

-- name: gone
DELETE FROM guests WHERE id = $1;

-- name: rekeyed
UPDATE guests SET id = id + 1 WHERE id = $1;

-- name: frozen
UPDATE doors SET n = $1 WHERE id = $2;

-- name: large
-- params: $1::int
UPDATE doors_large SET n = $1 WHERE id = $2;

-- name: too_large
UPDATE doors_large SET n = 3000000000 WHERE id = $1;

-- name: closed
DELETE FROM doors_closed WHERE id = $1;
