-- expect: QRY107 by_number
-- expect: QRY107 everything
-- expect: QRY107 named
-- expect: QRY107 noted
-- expect: QRY107 of_pets
-- expect: QRY107 priced
-- expect: QRY107 rooms
-- expect: QRY107 sets_mood
-- expect: QRY108 full_names
-- Old code on a new schema and new code on the old one: columns that are dropped, renamed, added, or change their type.
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE guests (
    id integer PRIMARY KEY,
    number uuid,
    full_name text,
    room integer,
    mood mood,
    price numeric(12, 2),
    count bigint,
    mail varchar(90)
);
CREATE TABLE animals (id integer PRIMARY KEY);
CREATE TABLE people (id integer PRIMARY KEY, nick text);
CREATE VIEW persons AS SELECT id, nick AS name FROM people;
-- file: checks/guests.sql
-- name: unchanged
SELECT id FROM guests WHERE id = $1;

-- name: moods
SELECT id FROM guests WHERE mood = 'good';

-- name: full_names
SELECT full_name FROM guests;
-- file: base/migrations/01-guests.sql
CREATE TABLE guests (
    id integer PRIMARY KEY,
    number integer,
    name text,
    note text,
    room smallint,
    mood text,
    price numeric(10, 2),
    count integer,
    mail text
);
CREATE TABLE pets (id integer PRIMARY KEY);
CREATE TABLE persons (id integer PRIMARY KEY, name text);
-- file: base/checks/guests.sql
-- name: unchanged
SELECT id FROM guests WHERE id = $1;

-- name: by_number
SELECT id FROM guests WHERE number = $1;

-- name: everything
SELECT * FROM guests;

-- name: named
SELECT name FROM guests;

-- name: noted
SELECT id FROM guests WHERE note IS NULL;

-- name: of_pets
SELECT id FROM pets;

-- name: priced
SELECT price FROM guests;

-- name: rooms
SELECT room FROM guests WHERE id = $1;

-- name: sets_mood
UPDATE guests SET mood = $1 WHERE id = $2;

-- name: sets_count
UPDATE guests SET count = $1 WHERE id = $2;

-- name: by_mail
SELECT id FROM guests WHERE mail = $1;

-- name: a_view_in_its_place
SELECT name FROM persons WHERE id = $1;

-- name: never_worked
SELECT nothing FROM guests;
