-- expect: CAT107 first_id
-- expect: PLN101 shop.by_label
-- Names without a schema are those of the search path that the file sets.
CREATE TABLE shared (id integer PRIMARY KEY);
CREATE SCHEMA app CREATE TABLE first (id integer PRIMARY KEY) CREATE INDEX first_id ON first (id);
SET search_path TO app, public;
CREATE TABLE items (id integer PRIMARY KEY, label text CHECK (label <> ''), shared_id integer REFERENCES shared);
CREATE INDEX items_label ON items (label);
ALTER TABLE shared ADD COLUMN n integer CHECK (n > 1);
CREATE INDEX shared_n ON shared (n);
-- file: migrations/02-other.sql
CREATE SCHEMA other;
CREATE TABLE other.items (id integer PRIMARY KEY, size integer);
CREATE INDEX items_label ON other.items (size);
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.more (id integer PRIMARY KEY);
-- file: checks/items.sql
-- name: by_label
-- uses: app.items_label
SELECT * FROM app.items WHERE label = $1;

-- name: more
-- uses: more_pkey
SELECT * FROM more WHERE id = $1;

-- name: shop.by_label
-- uses: app.items_label
SELECT * FROM app.items WHERE id = $1;
