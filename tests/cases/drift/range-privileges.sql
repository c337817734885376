-- Before 17 a multirange gets privileges of its own from what is granted by default.
ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO pg_monitor;
-- to
CREATE TYPE r AS RANGE (SUBTYPE = int4);
