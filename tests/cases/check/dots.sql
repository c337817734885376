-- Names that have to be quoted, with dots and quotes in them: indexes are found by them.
CREATE SCHEMA "o.d";
CREATE TABLE "We.ird" (id integer PRIMARY KEY, "A.b" text, d date);
CREATE INDEX "We.ird_ix" ON "We.ird" ("A.b");
CREATE INDEX "quo""te.d" ON "We.ird" (d);
CREATE TABLE "o.d"."t.t" (id integer PRIMARY KEY, n integer);
CREATE INDEX "i.x" ON "o.d"."t.t" (n);
-- file: checks/q.sql
-- name: by_text
-- uses: "We.ird_ix"
SELECT d FROM "We.ird" WHERE "A.b" = $1;

-- name: by_day
-- uses: "quo""te.d"
SELECT id FROM "We.ird" WHERE d = $1;

-- name: by_number
-- uses: "o.d"."i.x"
SELECT id FROM "o.d"."t.t" WHERE n = $1;
