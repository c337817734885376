-- expect: CON201 hens ?
-- expect: CON201 eggs ?
-- expect: CON201 never ?
-- expect: CON201 closed ?
-- expect: CON201 aside ?
-- expect: CON205 open_up ?
-- Tables that no row fits, or that let none in: each is named, at its place, with the reason, and nothing is claimed.
CREATE TABLE hens (id integer PRIMARY KEY, egg integer NOT NULL, CONSTRAINT none CHECK (id > 5 AND id < 3));
CREATE TABLE eggs (id integer PRIMARY KEY, hen integer NOT NULL REFERENCES hens);
ALTER TABLE hens ADD CONSTRAINT hens_egg_fkey FOREIGN KEY (egg) REFERENCES eggs;
CREATE DOMAIN nothing AS integer CHECK (VALUE > 3 AND VALUE < 2);
CREATE TABLE never (id integer PRIMARY KEY, v nothing NOT NULL);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'closed'; END $$;
CREATE TABLE closed (id integer PRIMARY KEY, n integer CHECK (n > 3));
CREATE TRIGGER closed_refuse BEFORE INSERT ON closed FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE TABLE aside (id integer PRIMARY KEY, k text NOT NULL UNIQUE);
CREATE RULE aside_nothing AS ON INSERT TO aside DO INSTEAD NOTHING;
CREATE TABLE fine (id integer PRIMARY KEY, n integer CHECK (n > 3));
-- file: checks/closed.sql
-- name: open_up
UPDATE closed SET n = 5 WHERE id = $1;
