-- The repeatable files that were run here, each with what it was when it was run last.
SELECT name,
       checksum,
       algorithm,
       finished_at AS applied_at,
       applied_by
  FROM pgproof.repeatable
 WHERE schema = %(schema)s
 ORDER BY name;
