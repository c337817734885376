-- expect: PLN103 left_over
-- expect: PLN105 of_no_table
-- expect: PLN105 sorted
-- expect: PLN105 sorted_in_part
-- expect: PLN105 joined_by_hash
-- expect: PLN105 one_of_two
-- expect: PLN106 heap
-- expect: PLN106 heap_for_filter
-- expect: PLN107 unbounded ?
-- expect: PLN107 series
-- expect: PLN108 grows ?
-- expect: PLN108 constant ?
-- expect: PLN109 null_given
-- expect: PLN109 contradicts_itself
-- expect: PLN101 folded ?
-- expect: PLN105 removed ?
-- expect: QRY102 contradicts_itself
-- expect: QRY102 folded
-- expect: QRY104 other_name
-- expect: QRY104 other_type
-- expect: QRY104 one_more
-- expect: QRY105 null_passes
-- expect: QRY105 other_constraint
-- expect: QRY105 setup_bad
-- expect: QRY106 refused_late
-- expect: QRY106 no_row ?
-- What query files can promise, kept and broken.
CREATE TYPE mood AS ENUM ('calm', 'cross');
CREATE DOMAIN price AS numeric(10, 2) CHECK (VALUE >= 0);
CREATE TABLE owners (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE pets (
    id integer PRIMARY KEY,
    owner_id integer NOT NULL REFERENCES owners DEFERRABLE INITIALLY DEFERRED,
    kind text NOT NULL CONSTRAINT pets_kind CHECK (kind IN ('cat', 'dog')),
    born date,
    died date,
    mood mood,
    cost price,
    CONSTRAINT pets_life CHECK (died >= born)
);
CREATE INDEX pets_owner_born ON pets (owner_id, born DESC) INCLUDE (kind);
CREATE INDEX pets_kind ON pets (kind);
CREATE TABLE visits (id bigint, pet_id integer NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE visits_2026 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX visits_pet_at ON visits (pet_id, at) INCLUDE (id);
-- file: checks/pets.sql
-- name: youngest
-- uses: pets_owner_born
-- serves: filter, order, all columns
-- no: seq scan, sort
-- rows: <= 3
-- returns: kind text, born date
SELECT kind, born FROM pets WHERE owner_id = @owner ORDER BY born DESC LIMIT 3;

-- name: visits_of_pet
-- uses: visits_pet_at
-- serves: filter, order, all columns
-- no: seq scan on visits, sort
SELECT id, at FROM visits WHERE pet_id = $1 ORDER BY at;

-- name: left_over
-- uses: pets_owner_born
-- serves: filter
SELECT * FROM pets WHERE owner_id = $1 AND died IS NULL;

-- name: of_no_table
-- no: seq scan on vists
SELECT * FROM visits WHERE id = $1;

-- name: sorted
-- no: sort
SELECT * FROM pets WHERE owner_id = $1 ORDER BY died;

-- name: sorted_in_part
-- no: sort
SELECT * FROM pets WHERE owner_id = $1 ORDER BY born DESC, died;

-- name: joined_by_hash
-- no: hash join
SELECT * FROM pets FULL JOIN owners ON owners.id = pets.owner_id AND pets.kind = 'cat';

-- name: one_of_two
-- no: seq scan on p
SELECT * FROM pets AS p JOIN pets AS q ON q.id = p.owner_id WHERE p.mood = 'calm';

-- name: other_of_two
-- no: seq scan on q
SELECT * FROM pets AS p JOIN pets AS q ON q.id = p.owner_id WHERE p.mood = 'calm';

-- name: heap
-- uses: pets_owner_born
-- serves: all columns
SELECT kind, mood FROM pets WHERE owner_id = $1;

-- name: heap_for_filter
-- uses: pets_owner_born
-- serves: all columns
SELECT kind FROM pets WHERE owner_id = $1 AND mood = 'calm';

-- name: by_key
-- uses: pets_pkey
-- rows: <= 1
-- cost: grows <= log
SELECT * FROM pets WHERE id = $1;

-- name: unbounded
-- rows: <= 100
SELECT * FROM pets WHERE owner_id = $1;

-- name: series
-- rows: <= 100
SELECT * FROM generate_series(1, 200) AS n;

-- name: grows
-- cost: grows <= log
SELECT * FROM pets WHERE owner_id = $1;

-- name: constant
-- uses: pets_pkey
-- cost: grows <= constant
SELECT * FROM pets WHERE id = $1;

-- name: null_given
-- no: sort
-- custom
-- params: @owner=NULL
SELECT * FROM pets WHERE owner_id = @owner;

-- name: given
-- no: sort
-- custom
-- params: @owner=7, kind='cat'
SELECT * FROM pets WHERE owner_id = @owner AND kind = :kind;

-- name: contradicts_itself
-- no: seq scan
SELECT * FROM pets WHERE owner_id = 1 AND owner_id IS NULL;

-- name: folded
-- uses: pets_kind
SELECT * FROM pets WHERE kind = $1 AND false;

-- name: removed
-- no: seq scan on o
SELECT p.id FROM pets AS p LEFT JOIN owners AS o ON o.id = p.owner_id WHERE p.id = $1;

-- name: typed
-- returns: id int, cost numeric, mood mood, day date, "N n" bigint
SELECT id, cost, mood, born AS day, count(*) OVER () AS "N n" FROM pets;

-- name: other_name
-- returns: id int, born date
SELECT id, born AS day FROM pets;

-- name: other_type
-- returns: id bigint
SELECT id FROM pets;

-- name: one_more
-- returns: id int
SELECT id, born FROM pets;

-- name: null_passes
-- fails: 23514 pets_life
INSERT INTO owners VALUES (1, 'Ann');
INSERT INTO pets (id, owner_id, kind, died) VALUES (1, 1, 'cat', '2020-01-01');

-- name: dies_before
-- fails: 23514 pets_life
INSERT INTO owners VALUES (1, 'Ann');
INSERT INTO pets (id, owner_id, kind, born, died) VALUES (1, 1, 'cat', '2021-01-01', '2020-01-01');

-- name: needs_a_name
-- fails: 23502 name
INSERT INTO owners (id) VALUES (1);

-- name: other_constraint
-- fails: 23514 pets_life
INSERT INTO pets (id, owner_id, kind) VALUES (1, 1, 'cow');

-- name: nobodys_pet
-- fails: 23503 pets_owner_id_fkey
INSERT INTO pets (id, owner_id, kind) VALUES (1, 1, 'cat');

-- name: setup_bad
-- fails: 23503
INSERT INTO owners VALUES (1, NULL);
DELETE FROM owners;

-- name: accepted
-- succeeds
-- uses: pets_pkey
-- params: @id=1
INSERT INTO owners VALUES (1, 'Ann');
INSERT INTO pets (id, owner_id, kind) VALUES (1, 1, 'cat');
UPDATE pets SET died = now() WHERE id = @id;

-- name: no_row
-- succeeds
DELETE FROM pets WHERE kind = 'dog';

-- name: refused_late
-- succeeds
INSERT INTO pets (id, owner_id, kind) VALUES (1, 1, 'cat');
