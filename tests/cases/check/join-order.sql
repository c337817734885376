-- expect: PLN101 whole
-- expect: PLN102 newest
-- What an index can do must not depend on the order in which the planner joins empty tables.
CREATE TABLE guests (id integer PRIMARY KEY, mail text NOT NULL UNIQUE);
CREATE TABLE stays (id integer PRIMARY KEY, guest_id integer, room integer, begins date);
CREATE INDEX stays_guest_begins ON stays (guest_id, begins DESC);
CREATE INDEX stays_room ON stays (room);
-- file: checks/stays.sql
-- name: seen
-- uses: stays_guest_begins
SELECT * FROM guests AS g WHERE EXISTS (SELECT FROM stays AS s WHERE s.guest_id = g.id);

-- name: both
-- uses: stays_room, stays_guest_begins
SELECT * FROM stays WHERE room = $1 AND guest_id = $2;

-- name: either
-- uses: stays_room, stays_guest_begins
SELECT * FROM stays WHERE room = $1 OR guest_id = $2;

-- name: newest
-- uses: stays_guest_begins
-- order: index
SELECT * FROM guests AS g JOIN stays AS s ON s.guest_id = g.id ORDER BY s.begins DESC;

-- name: whole
-- uses: stays_guest_begins
SELECT * FROM stays WHERE begins > $1;
