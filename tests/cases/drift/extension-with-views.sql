-- Views of an extension come and go with it: none of their columns and rules is a difference. What the user has added to one
-- of its tables is. (A table becomes a member by ALTER EXTENSION, as in its script.)
CREATE SCHEMA other;
CREATE EXTENSION citext SCHEMA other;
CREATE TABLE other."its own" (id integer, t text DEFAULT 'a');
ALTER EXTENSION citext ADD TABLE other."its own"
-- to
CREATE SCHEMA other;
CREATE EXTENSION citext SCHEMA other;
CREATE EXTENSION pg_stat_statements SCHEMA other;
CREATE TABLE other."its own" (id integer, t text DEFAULT 'b', more integer);
ALTER EXTENSION citext ADD TABLE other."its own";
ALTER TABLE other."its own" ADD CONSTRAINT mine CHECK (id > 0);
CREATE INDEX of_mine ON other."its own" (t)
