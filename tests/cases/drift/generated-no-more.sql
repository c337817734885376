-- from 15
-- Columns that were generated have values of their own, and what they were computed from gets another type.
CREATE TYPE m AS ENUM ('a','b'); CREATE TABLE t (a int, e m, g int GENERATED ALWAYS AS (a + 1) STORED, h text GENERATED ALWAYS AS (CASE WHEN e = 'a' THEN 'x' END) STORED);
-- one way: a column that has values is not computed from now on
-- to
CREATE TYPE m AS ENUM ('b'); CREATE TABLE t (a bigint, e m, g text, h text);
