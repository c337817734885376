-- The last attempt at a statement of a version that is on its way.
SELECT j.number,
       j.hash,
       j.before,
       j.outcome,
       j.run::text AS run
  FROM pgproof.journal AS j
  JOIN pgproof.history AS h ON h.id = j.history_id
 WHERE h.version = %(version)s
   AND h.schema = %(schema)s
   AND h.state <> 'reverted'
   AND j.direction = %(direction)s
   AND j.number = %(number)s
 ORDER BY j.id DESC
 LIMIT 1;
