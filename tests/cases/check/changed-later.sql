-- expect: CAT107 new_name_idx
-- What is dropped, renamed or changed by a later file is not missed; the comment was right when it was written:
-- old_name_idx serves the list.
CREATE TABLE things (id serial PRIMARY KEY, label text, kind integer, extra text DEFAULT 'x', CHECK (kind > 0));
CREATE INDEX old_name_idx ON things (label);
CREATE INDEX gone_idx ON things (extra);
ALTER TABLE things ADD CONSTRAINT things_label_chk CHECK (label <> '') NOT VALID;
-- file: migrations/02-more.sql
ALTER TABLE things VALIDATE CONSTRAINT things_label_chk;
ALTER INDEX old_name_idx RENAME TO new_name_idx;
ALTER TABLE things RENAME COLUMN label TO title;
ALTER TABLE things RENAME CONSTRAINT things_label_chk TO things_title_chk;
ALTER TABLE things DROP COLUMN extra, ALTER COLUMN kind TYPE bigint, ALTER COLUMN kind SET DEFAULT 1;
ALTER TABLE things RENAME TO objects;
-- file: migrations/03-drop.sql
CREATE TABLE leftovers (id integer PRIMARY KEY);
CREATE INDEX leftovers_idx ON leftovers (id);
DROP TABLE leftovers;
ALTER TABLE objects ADD CONSTRAINT objects_title_key UNIQUE (title);
CREATE UNIQUE INDEX objects_kind_idx ON objects (kind);
ALTER TABLE objects ADD CONSTRAINT objects_kind_key UNIQUE USING INDEX objects_kind_idx;
