-- Takes the lease on migrations, which nobody has, and gives its token.
INSERT INTO pgproof.lease AS lease (name, token, words, role, taken_at, heard_at, expires_at)
VALUES ('migrations', 1, %(words)s, SESSION_USER, pg_catalog.clock_timestamp(), pg_catalog.clock_timestamp(),
        pg_catalog.clock_timestamp() + '60 s'::interval)
    ON CONFLICT (name)
    DO UPDATE SET token = lease.token + 1,
                  words = excluded.words,
                  role = excluded.role,
                  taken_at = excluded.taken_at,
                  heard_at = excluded.heard_at,
                  expires_at = excluded.expires_at
RETURNING lease.token;
