-- expect: QRY107 by_mail
-- expect: QRY107 by_pattern
-- expect: QRY107 by_room_and_state ?
-- expect: QRY107 by_tag
-- expect: QRY107 latest
-- expect: QRY107 without_tags
-- expect: QRY107 promised
-- expect: QRY108 by_new_index
-- Old code on a new schema and new code on the old one: indexes that are gone, or made in another way.
CREATE TABLE guests (
    id integer PRIMARY KEY,
    mail text,
    room integer,
    state text,
    name text,
    tags text[],
    seen timestamptz,
    made timestamptz,
    number integer
);
CREATE INDEX guests_room_2 ON guests (room);
CREATE INDEX guests_by_name ON guests (name);
CREATE INDEX guests_made_id ON guests (made, id);
CREATE INDEX guests_pattern ON guests (state);
CREATE INDEX guests_number ON guests (number);
-- file: checks/guests.sql
-- name: by_new_index
SELECT id FROM guests WHERE number = $1;
-- file: base/migrations/01-guests.sql
CREATE TABLE guests (
    id integer PRIMARY KEY,
    mail text,
    room integer,
    state text,
    name text,
    tags text[],
    seen timestamptz,
    made timestamptz,
    number integer
);
CREATE INDEX guests_mail ON guests (mail);
CREATE INDEX guests_room_state ON guests (room, state);
CREATE INDEX guests_pattern ON guests (state text_pattern_ops);
CREATE INDEX guests_name ON guests (name);
CREATE INDEX guests_tags ON guests USING gin (tags);
CREATE INDEX guests_seen ON guests (seen);
CREATE INDEX guests_made ON guests (made);
CREATE INDEX guests_no_tags ON guests (id) WHERE tags IS NULL;
-- file: base/checks/guests.sql
-- name: by_id
SELECT id FROM guests WHERE id = $1 AND mail = $2;

-- name: by_mail
SELECT id FROM guests WHERE mail = $1;

-- name: by_room
SELECT id FROM guests WHERE room = $1;

-- name: by_room_and_state
SELECT id FROM guests WHERE room = $1 AND state = $2;

-- name: promised
-- uses: guests_room_state
SELECT id FROM guests WHERE room = $1 AND state = $2;

-- name: by_pattern
SELECT id FROM guests WHERE state LIKE 'a%';

-- name: by_name_under_another_name
-- uses: guests_name
SELECT id FROM guests WHERE name = $1;

-- name: by_tag
SELECT id FROM guests WHERE tags @> ARRAY[$1];

-- name: latest
SELECT id FROM guests ORDER BY seen DESC LIMIT 10;

-- name: latest_by_a_longer_index
SELECT id FROM guests ORDER BY made DESC LIMIT 10;

-- name: without_tags
SELECT id FROM guests WHERE tags IS NULL;

-- name: never_served
SELECT id FROM guests WHERE number = $1;
