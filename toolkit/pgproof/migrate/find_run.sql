-- Whether a run has brought a version into a state.
SELECT 1
  FROM pgproof.history
 WHERE version = %(version)s
   AND schema = %(schema)s
   AND state = %(state)s
   AND run = %(run)s::uuid;
