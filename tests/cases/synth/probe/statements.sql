-- Documented statements that change rows, and what comes of them for rows that fit.
-- take: done 1
-- take_at: done 1
-- gone: done 1
-- add: done 1
-- twice: done 1
-- add_one: done 1
-- always: refused 23514 calls_check, certain
-- given: refused 23514 calls_check
-- never: nothing
-- none: nothing
-- pause: done 1
-- claim: done 1
-- moved: done 2
-- copied: done 1
-- raised: otherwise P0001
-- race take: shown
-- race always: otherwise
-- race pause: taken
CREATE TABLE lines (id int PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE calls (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    line int NOT NULL REFERENCES lines,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'done')),
    made timestamptz NOT NULL DEFAULT now(),
    taken timestamptz,
    paused timestamptz,
    CHECK (taken >= made),
    CONSTRAINT calls_paused_chk CHECK (paused >= made - interval '1 hour')
);
CREATE TABLE loud (n int);
CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER loud BEFORE UPDATE ON loud FOR EACH ROW EXECUTE FUNCTION loud();
-- queries:
-- name: take
UPDATE calls SET state = 'open', taken = now() WHERE id = $1 AND state = 'new';
-- name: take_at
UPDATE calls SET taken = clock_timestamp() WHERE id = ANY ($1);
-- name: gone
DELETE FROM lines WHERE name = $1 AND NOT EXISTS (SELECT FROM calls WHERE line = lines.id);
-- name: add
INSERT INTO calls (line, state) VALUES ($1, 'new');
-- name: twice
UPDATE lines SET name = 'a1' WHERE id = $1;
-- name: add_one
INSERT INTO lines VALUES (1, 'a1');
-- name: always
UPDATE calls SET taken = made - interval '1 second', paused = now() WHERE id = $1;
-- name: given
UPDATE calls SET taken = $2::timestamptz - interval '100 years' WHERE id = $1;
-- name: never
DELETE FROM calls WHERE id = $1 AND length(state) > (SELECT 100);
-- name: none
DELETE FROM calls WHERE id = $1 AND id > $2 + 1000000;
-- name: raised
UPDATE loud SET n = 1;
-- name: pause
UPDATE calls SET paused = now() WHERE id = $1;
-- name: claim
UPDATE calls SET state = 'open' WHERE id = (SELECT id FROM calls WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED);
-- name: moved
UPDATE calls AS c SET line = b.id FROM lines AS a, lines AS b WHERE c.line = a.id AND a.name = $1 AND b.name = $2;
-- name: copied
INSERT INTO calls (line) SELECT line FROM calls WHERE id = $1;
