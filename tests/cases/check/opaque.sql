-- expect: CAT104 lists_title_idx ?
CREATE TABLE lists (id integer PRIMARY KEY, title text);
CREATE INDEX lists_title_idx ON lists (title);
DO $$ BEGIN DROP INDEX lists_title_idx; END $$;
