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
-- left: done 1
-- left_before: refused 23514 stays_check, certain
-- left_by_rule: refused 23514 stays_check
-- named: refused 23503 calls_line_fkey
-- counted: refused 23514 counted_twice_check
-- listed: refused 23514 listed_n_check
-- two: refused 23514 calls_state_check
-- one: refused 23514 calls_state_check, certain
-- allowed: refused 23514 allowed_chk
-- mended: refused 23514 mended_n_check
-- missed: refused 23502 NOT NULL of name, certain
-- emptied: refused 23502 NOT NULL of came
-- scored: refused 23514 score_check, certain
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
CREATE TABLE stays (id int PRIMARY KEY, came date NOT NULL, left_on date, noted date, CHECK (left_on > came));
CREATE TABLE counted (id int PRIMARY KEY, n int CHECK (n > 0), twice int GENERATED ALWAYS AS (n * 2) STORED CHECK (twice < 10));
CREATE TABLE listed (n int CHECK (n > 9));
CREATE TABLE listing (id int PRIMARY KEY);
CREATE FUNCTION list() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO listed VALUES (NEW.id % 9); RETURN NULL; END $$;
CREATE TRIGGER list AFTER UPDATE ON listing FOR EACH ROW EXECUTE FUNCTION list();
CREATE TABLE names (name text PRIMARY KEY);
CREATE FUNCTION is_allowed(text) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT $1 = '' OR EXISTS (SELECT FROM names WHERE name = $1 || '!') $$;
CREATE TABLE allowed (id int PRIMARY KEY, name text CONSTRAINT allowed_chk CHECK (is_allowed(name)));
CREATE TABLE mended (id int PRIMARY KEY, n int CHECK (n < 1000), factor int NOT NULL CHECK (factor > 900));
CREATE FUNCTION mend() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n := NEW.n * NEW.factor * 2; RETURN NEW; END $$;
CREATE TRIGGER mend BEFORE UPDATE ON mended FOR EACH ROW EXECUTE FUNCTION mend();
CREATE DOMAIN score AS int CHECK (VALUE > 0);
CREATE TABLE scores (id int PRIMARY KEY, score score);
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
-- name: left
UPDATE stays SET left_on = '1901-05-05' WHERE id = $1;
-- name: left_before
UPDATE stays SET left_on = came - 1 WHERE id = $1;
-- name: left_by_rule
UPDATE stays SET left_on = least(came, date '1800-01-01') WHERE id = $1;
-- name: named
INSERT INTO calls (line, state) VALUES (77, 'new');
-- name: counted
UPDATE counted SET n = $2 + 1000 WHERE id = $1;
-- name: listed
UPDATE listing SET id = id WHERE id = $1;
-- name: two
INSERT INTO calls (line, state) VALUES ($1, 'new'), ($2, $3 || 'x');
-- name: one
INSERT INTO calls (line, state) VALUES ($1, 'new'), ($2, 'x');
-- name: allowed
UPDATE allowed SET name = 'ann' WHERE id = $1;
-- name: mended
UPDATE mended SET n = 1 WHERE id = $1;
-- name: missed
INSERT INTO lines (id) VALUES ($1);
-- name: emptied
UPDATE stays SET came = nullif(came, came) WHERE id = $1;
-- name: scored
UPDATE scores SET score = -1 WHERE id = $1;
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
