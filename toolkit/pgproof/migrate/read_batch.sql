-- How far a statement in batches has come in the run of its file that has not ended.
SELECT b.hash,
       b.upto,
       b.batches,
       b.rows
  FROM pgproof.batch AS b
  JOIN pgproof.history AS h ON h.id = b.history_id
 WHERE h.version = %(version)s
   AND h.schema = %(schema)s
   AND h.state IN ('applying', 'reverting')
   AND b.direction = %(direction)s
   AND b.number = %(number)s;
