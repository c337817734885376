-- A sign of life of the owner of the lease, and the step that is on; no row if it is the owner no more.
UPDATE pgproof.lease
   SET words = %(words)s,
       heard_at = pg_catalog.clock_timestamp(),
       expires_at = pg_catalog.clock_timestamp() + '60 s'::interval
 WHERE token = %(token)s
   AND words <> ''
RETURNING token;
