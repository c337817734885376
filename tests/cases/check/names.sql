-- expect: PLN102 ordered
-- expect: DOC101 "Weird Table".colour
-- expect: DOC101 tags.titel
CREATE TABLE "Weird Table" ("Id" integer PRIMARY KEY, "order" text CHECK ("order" IN ('up', 'down')), color text);
CREATE TABLE tags (title text, "näme" text);
-- See tags.titel and tags.title; the setting work_mem, the function gen_random_uuid and pg_stat_activity matter,
-- and so does the file make_tags.py. Plans for later: created_by, some_other_thing.
CREATE INDEX "Weird Index" ON "Weird Table" ("order");
-- The column "Weird Table".colour is British.
CREATE INDEX tags_näme ON tags ("näme");
-- file: checks/names.sql
-- name: upwards
-- uses: "Weird Index"
SELECT "Id" FROM "Weird Table" WHERE "order" = 'up';

-- name: tag
-- uses: tags_näme
SELECT * FROM tags WHERE "näme" = 'ü';

-- name: latest
-- uses: "Weird Index"
-- order: index
SELECT * FROM "Weird Table" WHERE color = $1 ORDER BY "order" LIMIT 3;

-- name: ordered
-- uses: "Weird Index"
-- order: index
SELECT * FROM "Weird Table" WHERE "order" = $1 ORDER BY "Id" DESC LIMIT 3;
