-- A generated column is made anew when one that it is computed from gets another type, and all that needs it, too.
CREATE TABLE t (a smallint, b int GENERATED ALWAYS AS (a * 2) STORED UNIQUE, CHECK (b > 0));
CREATE INDEX i ON t (b, a);
CREATE INDEX j ON t (a) WHERE b > 1;
CREATE VIEW v AS SELECT b FROM t;
CREATE STATISTICS s ON a, b FROM t;
CREATE TABLE r (b int REFERENCES t (b));
CREATE TABLE u (a smallint, b int GENERATED ALWAYS AS (a * 2) STORED, EXCLUDE (b WITH =));
-- to
CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED UNIQUE, CHECK (b > 0));
CREATE INDEX i ON t (b, a);
CREATE INDEX j ON t (a) WHERE b > 1;
CREATE VIEW v AS SELECT b FROM t;
CREATE STATISTICS s ON a, b FROM t;
CREATE TABLE r (b int REFERENCES t (b));
CREATE TABLE u (a int, b bigint GENERATED ALWAYS AS (a * 3) STORED, EXCLUDE (b WITH =));
