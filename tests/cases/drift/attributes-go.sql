-- An attribute of a type takes along what the rows have of it.
CREATE TYPE pair AS (a int, b text, c date);
CREATE TABLE of_pairs OF pair (PRIMARY KEY (a));
CREATE TYPE held AS (a int, b text);
CREATE TABLE holds (h held[]);
CREATE TYPE given AS (a int, b text);
CREATE FUNCTION f(given) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- to
CREATE TYPE pair AS (a int, b text);
CREATE TABLE of_pairs OF pair (PRIMARY KEY (a));
CREATE TYPE held AS (a int);
CREATE TABLE holds (h held[]);
CREATE TYPE given AS (a int);
CREATE FUNCTION f(given) RETURNS int LANGUAGE sql AS 'SELECT 1';
-- plan
ALTER TYPE public.given DROP ATTRIBUTE b CASCADE;
ALTER TYPE public.held DROP ATTRIBUTE b CASCADE;  -- data loss
ALTER TYPE public.pair DROP ATTRIBUTE c CASCADE;  -- data loss
