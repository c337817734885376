-- expect: QRY103 of_others
-- expect: QRY103 or_nothing
-- expect: QRY103 of_several
-- expect: QRY103 of_several
-- expect: QRY103 in_a_with
-- expect: QRY103 at_once
-- expect: QRY103 into_parts
-- Rows that leave out a column that is NOT NULL and has no default, in all forms that an INSERT has.
CREATE TABLE guests (
    gone integer,
    id integer PRIMARY KEY,
    name text NOT NULL,
    born date,
    number bigint GENERATED ALWAYS AS IDENTITY,
    twice integer NOT NULL GENERATED ALWAYS AS (nullif(id, 0)) STORED,
    seen timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE guests DROP COLUMN gone;
CREATE TABLE filled (id integer, name text NOT NULL);
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.name := 'x'; RETURN NEW; END $$;
CREATE TRIGGER fill BEFORE INSERT ON filled FOR EACH ROW EXECUTE FUNCTION fill();
CREATE TABLE parts (id integer, day date NOT NULL, name text NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE part_one PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- file: checks/guests.sql
-- name: of_others
INSERT INTO guests (id, born) SELECT id + 1, born FROM guests;

-- name: or_nothing
INSERT INTO guests (id, born) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET born = excluded.born;

-- name: of_several
INSERT INTO guests (id) VALUES ($1), ($2);

-- name: in_a_with
WITH made AS (INSERT INTO guests (id) SELECT $1 RETURNING id) SELECT id FROM made;

-- name: at_once
INSERT INTO guests (id, born) SELECT * FROM unnest($1::integer[], $2::date[]);

-- name: filled_by_hand
INSERT INTO filled (id) SELECT 1;

-- name: into_parts
INSERT INTO parts (id, day) SELECT $1, $2;

-- name: whole
INSERT INTO guests (id, name) SELECT id + 1, name FROM guests ON CONFLICT DO NOTHING;

-- name: with_parameter
INSERT INTO guests (id, name) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING;
