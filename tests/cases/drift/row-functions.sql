-- Functions that return rows of a table are made when its columns are there, in order, and no others.
-- one way: a column that comes back is behind all others, where a parsed body does not have it
CREATE TABLE t (a int, b int, c text); CREATE FUNCTION f() RETURNS SETOF t BEGIN ATOMIC SELECT * FROM t; END;
CREATE VIEW v AS SELECT * FROM f();
CREATE TABLE u (a int, b int);
-- to
CREATE TABLE t (a int, c text); CREATE FUNCTION f() RETURNS SETOF t BEGIN ATOMIC SELECT * FROM t; END;
CREATE VIEW v AS SELECT * FROM f();
CREATE TABLE u (b int, z int, y int); CREATE FUNCTION g() RETURNS SETOF u BEGIN ATOMIC SELECT * FROM u; END;
