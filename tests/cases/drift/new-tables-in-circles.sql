CREATE TABLE bare (a int)
-- to
CREATE TABLE bare (a int);
CREATE TABLE a (i int PRIMARY KEY, c int);
CREATE FUNCTION fits(a) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.i > 0';
CREATE FUNCTION many() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM a; END;
ALTER TABLE a ADD CONSTRAINT fits CHECK (fits(a)), ALTER c SET DEFAULT many();
CREATE TABLE one (a int CHECK (a > 0), b bigint);
CREATE TABLE two (b one, c bigint);
CREATE FUNCTION ones() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM one; END;
CREATE FUNCTION twos() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM two; END;
ALTER TABLE one ALTER b SET DEFAULT twos();
ALTER TABLE two ALTER c SET DEFAULT ones();
CREATE SEQUENCE numbers;
CREATE TABLE x (a bigint DEFAULT nextval('numbers'));
ALTER SEQUENCE numbers OWNED BY x.a;
CREATE TABLE y (a bigint DEFAULT nextval('numbers'))
