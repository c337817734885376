-- The settings of the planner that are not the server's defaults: those of its files, of the database and of the role,
-- not those of whoever asks. Anybody may read this.
SELECT s.name::text AS name,
       pg_catalog.current_setting(s.name) AS value
  FROM pg_catalog.pg_settings AS s
 WHERE s.name = ANY (%(names)s::text[])
   AND s.source NOT IN ('default', 'client', 'session')
 ORDER BY s.name;
