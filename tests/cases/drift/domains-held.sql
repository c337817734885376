-- A domain has its CHECKs before arrays, rows and ranges hold it: afterwards it takes none any more.
CREATE TABLE t (x int);
CREATE DOMAIN other AS int CHECK (VALUE > 0);
CREATE TABLE held (o other[]);
-- to
CREATE DOMAIN few AS int NOT NULL CHECK (VALUE > 0) CHECK (VALUE < 9);
CREATE TABLE t (x int, f few[]);
CREATE TABLE u (f few[]);
CREATE TYPE pair AS (f few, g int);
CREATE TABLE v (r pair);
CREATE TYPE few_range AS RANGE (SUBTYPE = few);
CREATE TABLE w (r few_range);
CREATE DOMAIN other AS bigint CHECK (VALUE > 0);
CREATE TABLE held (o other[]);
