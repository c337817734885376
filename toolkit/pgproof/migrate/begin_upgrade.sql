-- Says that a version is about to be applied, before it is; or that a stopped one goes on behind its statement
-- `done`. Of two at once the second waits for the first to commit. No row comes back if the version is there
-- by now, is being applied by somebody else, or has gone on since the plan was made.
INSERT INTO pgproof.history AS h (version, name, state, done, total, text, checksum, algorithm, tool)
VALUES (%(version)s, %(name)s, 'applying', 0, %(total)s, %(text)s, %(checksum)s, %(algorithm)s, %(tool)s)
    ON CONFLICT (version) WHERE state <> 'reverted'
    DO UPDATE SET name = excluded.name,
                  total = excluded.total,
                  error = '',
                  text = excluded.text,
                  checksum = excluded.checksum,
                  algorithm = excluded.algorithm,
                  started_at = excluded.started_at,
                  tool = excluded.tool
            WHERE h.state = 'applying'
              AND h.error <> ''
              AND h.done = %(done)s
RETURNING h.id;
