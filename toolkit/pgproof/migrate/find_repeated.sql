-- Whether a run has run a repeatable file.
SELECT 1
  FROM pgproof.repeatable
 WHERE name = %(name)s
   AND run = %(run)s::uuid;
