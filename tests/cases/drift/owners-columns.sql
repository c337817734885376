-- What an owner may do with a table is taken, and granted for a column; so it is where the owner is another one.
CREATE TABLE t (a int, b int); ALTER TABLE t OWNER TO pg_monitor;
GRANT UPDATE (a), REFERENCES (a) ON t TO pg_monitor;
CREATE TABLE u (a int, b int); GRANT SELECT (a), UPDATE (b) ON u TO pg_monitor;
-- to
CREATE TABLE t (a int, b int); ALTER TABLE t OWNER TO pg_monitor;
REVOKE ALL ON t FROM pg_monitor; GRANT UPDATE (a), REFERENCES (a) ON t TO pg_monitor;
CREATE TABLE u (a int, b int); ALTER TABLE u OWNER TO pg_monitor; REVOKE ALL ON u FROM pg_monitor;
GRANT SELECT (a), UPDATE (b) ON u TO pg_monitor;
