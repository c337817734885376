-- The relations that are in one of these parts, or in none (see parts.sql). Of TOAST tables only those that facts tell of.
SELECT c.oid
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
  JOIN pg_catalog.pg_class AS r ON r.oid = COALESCE(i.indrelid, c.oid)
  JOIN pg_catalog.pg_namespace AS rn ON rn.oid = r.relnamespace
 WHERE c.oid >= 16384
   AND CASE WHEN n.nspname = 'pg_toast' THEN c.reloptions IS NOT NULL
            ELSE n.nspname = 'pgproof'
                 OR c.relpersistence = 't'
                 OR (pg_catalog.hashtextextended((rn.nspname || '.' || r.relname) COLLATE pg_catalog."C", 0) & 255)
                    = ANY (%(parts)s::pg_catalog.int8[]) END;
