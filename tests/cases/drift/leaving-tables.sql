-- What goes with a column, a parent or a partition, and what has to be dropped for itself.
CREATE TABLE p (a int CHECK (a > 0), gone int NOT NULL);
CREATE TABLE c (x int) INHERITS (p);
CREATE TABLE i (a int, n bigint GENERATED ALWAYS AS IDENTITY, b text);
CREATE TABLE t (c int CONSTRAINT t_key PRIMARY KEY);
CREATE TABLE r (k int REFERENCES t) PARTITION BY LIST (k);
CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1);
CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
-- one way: a column that a child has from a new parent stays its own
-- to
CREATE TABLE p (a int CHECK (a > 0));
CREATE TABLE c (a int, gone int, x int);
CREATE TABLE i (a int, b text, UNIQUE (a));
CREATE TABLE t (c int CONSTRAINT other_key PRIMARY KEY);
CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watched ON ddl_command_end WHEN TAG IN ('DROP TABLE', 'ALTER TABLE') EXECUTE FUNCTION f();
