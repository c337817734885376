-- expect: QRY103 nameless
-- expect: QRY103 rounded
-- expect: QRY103 set_kind
-- expect: QRY103 set_mood ?
-- expect: QRY103 skipped ?
-- A trigger may change what is written, where its function speaks of the column or of the whole row.
CREATE DOMAIN label AS text DEFAULT 'none' NOT NULL;
CREATE TABLE notes (
    id integer PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('a', 'b')),
    mood text CHECK (mood IN ('good', 'bad')),
    slug text NOT NULL,
    title label NOT NULL,
    name text NOT NULL,
    price numeric(5, 2) CHECK (price < 100),
    changed_at timestamptz
);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_at := now();
    NEW.mood := CASE WHEN NEW.mood = 'fine' THEN 'good' ELSE NEW.mood END;
    NEW.slug := lower(NEW.title);
    RETURN NEW;
END
$$;
CREATE TRIGGER notes_touch BEFORE INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION touch();
CREATE TABLE logs (id integer PRIMARY KEY, level text CHECK (level IN ('low', 'high')));
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER logs_keep BEFORE UPDATE ON logs FOR EACH ROW EXECUTE FUNCTION keep();
-- file: checks/notes.sql
-- name: set_kind
UPDATE notes SET kind = 'c' WHERE id = $1;

-- name: set_mood
UPDATE notes SET mood = 'fine' WHERE id = $1;

-- name: skipped
UPDATE logs SET level = 'none' WHERE id = $1;

-- name: add
INSERT INTO notes (id, kind, name) VALUES ($1, 'a', $2);

-- name: nameless
INSERT INTO notes (id, kind) VALUES ($1, 'a');

-- name: rounded
UPDATE notes SET price = 99.999 WHERE id = $1;
