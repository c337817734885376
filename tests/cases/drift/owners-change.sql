-- Who owns a table from now on may have had privileges on it before, and on its columns.
CREATE TABLE t (a int, b int);
GRANT SELECT ON t TO pg_monitor WITH GRANT OPTION;
CREATE TABLE u (a int);
GRANT SELECT (a) ON u TO pg_monitor;
CREATE TABLE p (a int, b int);
-- to
CREATE TABLE t (a int, b int);
ALTER TABLE t OWNER TO pg_monitor;
CREATE TABLE u (a int);
ALTER TABLE u OWNER TO pg_monitor;
GRANT SELECT (a) ON u TO pg_monitor;
CREATE TABLE p (a int, b int);
REVOKE ALL ON p FROM CURRENT_USER;
GRANT INSERT ON p TO CURRENT_USER;
