-- The upgrades of some versions as they were applied.
SELECT version,
       text
  FROM pgproof.history
 WHERE state <> 'reverted'
   AND schema = %(schema)s
   AND version = ANY (%(versions)s::bigint[])
 ORDER BY version;
