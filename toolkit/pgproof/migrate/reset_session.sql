-- What DISCARD ALL does, in statements that may stand in a transaction (the manual lists them under DISCARD), so
-- that also behind a pooler it is the session that the file ran in which is cleaned. The role comes last: RESET ALL
-- leaves it as it is, and a new session authorization sets it to none.
CLOSE ALL;
SET SESSION AUTHORIZATION DEFAULT;
RESET ALL;
RESET ROLE;
DEALLOCATE ALL;
UNLISTEN *;
SELECT pg_catalog.pg_advisory_unlock_all();
DISCARD PLANS;
DISCARD TEMP;
DISCARD SEQUENCES;
