-- from 15
-- A column that says which rows are published gets another type; the publication stays, changes, or goes.
CREATE TABLE t (a int, b int);
CREATE TABLE u (a int, b int);
CREATE PUBLICATION stays FOR TABLE t WHERE (b > 1);
CREATE PUBLICATION goes FOR TABLE u WHERE (b > 1);
-- to
CREATE TABLE t (a int, b bigint);
CREATE TABLE u (a int, b bigint);
CREATE PUBLICATION stays FOR TABLE t WHERE (b > 1);
