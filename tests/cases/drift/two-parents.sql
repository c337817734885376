-- Children of two parents: a type that changes in all three, a CHECK that another one gives, or the child itself.
CREATE TABLE p (a int); CREATE TABLE q (a int); CREATE TABLE c () INHERITS (p, q); CREATE TABLE d () INHERITS (c);
CREATE INDEX ON c (a); CREATE VIEW v AS SELECT a FROM c;
CREATE TABLE r (a int, CONSTRAINT k CHECK (a > 0)); CREATE TABLE s (a int); CREATE TABLE e () INHERITS (r, s);
CREATE TABLE t (a int, CONSTRAINT k CHECK (a > 0)); CREATE TABLE f () INHERITS (t);
COMMENT ON CONSTRAINT k ON e IS 'it'; COMMENT ON CONSTRAINT k ON f IS 'it';
-- one way: a CHECK that was the child's own is so ever after
-- to
CREATE TABLE p (a bigint); CREATE TABLE q (a bigint); CREATE TABLE c () INHERITS (p, q);
CREATE TABLE d () INHERITS (c); CREATE INDEX ON c (a); CREATE VIEW v AS SELECT a FROM c;
CREATE TABLE r (a int); CREATE TABLE s (a int, CONSTRAINT k CHECK (a > 0)); CREATE TABLE e () INHERITS (r, s);
CREATE TABLE t (a int); CREATE TABLE f (CONSTRAINT k CHECK (a > 0)) INHERITS (t);
COMMENT ON CONSTRAINT k ON e IS 'it'; COMMENT ON CONSTRAINT k ON f IS 'it';
