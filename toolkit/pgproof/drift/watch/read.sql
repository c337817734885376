-- What the recorder has recorded, the newest first.
SELECT d.session_role,
       d.role,
       d.application,
       coalesce(pg_catalog.host(d.client), '') AS client,
       d.tag,
       d.statement,
       pg_catalog.to_char(d.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS at,
       d.objects
FROM pgproof.ddl AS d
ORDER BY d.id DESC;
