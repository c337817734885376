-- expect: CAT107 kept_id
-- What goes because something else goes.
CREATE SCHEMA shop;
CREATE TABLE shop.items (id integer PRIMARY KEY);
CREATE INDEX items_id ON shop.items (id);
CREATE TABLE sales (item_id integer REFERENCES shop.items, buyer_id integer);
DROP SCHEMA shop CASCADE;

CREATE SCHEMA old;
CREATE TABLE old.kept (id integer PRIMARY KEY);
CREATE INDEX kept_id ON old.kept (id);
ALTER SCHEMA old RENAME TO renewed;

CREATE TABLE parents (id integer PRIMARY KEY, code text UNIQUE);
CREATE TABLE children (parent_id integer REFERENCES parents, code text REFERENCES parents (code));
ALTER TABLE parents DROP CONSTRAINT parents_pkey CASCADE;
ALTER TABLE parents DROP COLUMN code CASCADE;

CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE SEQUENCE numbers;
CREATE TABLE users (m mood, n integer CHECK (twice(n) > 0) DEFAULT nextval('numbers'), k integer);
CREATE INDEX users_twice ON users (twice(n));
DROP TYPE mood CASCADE;
DROP FUNCTION twice CASCADE;
DROP SEQUENCE numbers CASCADE;

CREATE MATERIALIZED VIEW sums AS SELECT count(*) AS n FROM users;
CREATE UNIQUE INDEX sums_n ON sums (n);
DROP MATERIALIZED VIEW sums;

CREATE TEMPORARY TABLE loaded (id integer PRIMARY KEY, n integer CHECK (n > 0));
CREATE INDEX loaded_n ON loaded (n);
ALTER TABLE loaded ADD COLUMN m integer;
