-- The versions that are there, wholly or in part, ascending. Their texts are not read: they may be long.
SELECT version,
       name,
       state,
       done,
       total,
       error,
       checksum,
       algorithm,
       started_at,
       finished_at,
       applied_by
  FROM pgproof.history
 WHERE state <> 'reverted'
   AND schema = %(schema)s
 ORDER BY version;
