-- Part of every transaction of the owner of the lease: fails if it is the owner no more. Until the transaction ends
-- the row is locked, and nobody else gets the lease.
DO $fence$
BEGIN
    UPDATE pgproof.lease
       SET heard_at = pg_catalog.clock_timestamp(),
           expires_at = pg_catalog.clock_timestamp() + '60 s'::interval
     WHERE token = %(token)s
       AND words <> '';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the migration lock is lost'
              USING ERRCODE = 'PP001',
                    DETAIL = 'Nothing was heard of us for too long, and somebody else has taken the lease.',
                    HINT = 'run again';
    END IF;
END
$fence$;
