-- Whether a run has run a repeatable file.
SELECT 1
  FROM pgproof.repeatable
 WHERE name = %(name)s
   AND schema = %(schema)s
   AND run = %(run)s::uuid;
