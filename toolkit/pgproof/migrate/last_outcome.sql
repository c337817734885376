-- How the last attempt of a run at a statement ended; empty if that is not known.
SELECT j.outcome
  FROM pgproof.journal AS j
  JOIN pgproof.history AS h ON h.id = j.history_id
 WHERE h.version = %(version)s
   AND h.schema = %(schema)s
   AND j.direction = %(direction)s
   AND j.number = %(number)s
   AND j.run = %(run)s::uuid
 ORDER BY j.id DESC
 LIMIT 1;
