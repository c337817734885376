-- All that the history says, in one digest; the texts are there by their checksums. NULL if it says nothing. 10,000 entries
-- take about 15 ms.
SELECT pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(
           pg_catalog.string_agg(every.line, E'\n' ORDER BY every.line COLLATE "C"), 'UTF8')), 'hex') AS digest
  FROM (
       SELECT ROW(h.version, h.name, h.state, h.done, h.total, h.error, h.checksum, h.algorithm, h.applied_by,
                  EXTRACT(epoch FROM h.started_at))::pg_catalog.text AS line
         FROM pgproof.history AS h
        WHERE h.state <> 'reverted'
          AND h.schema = %(schema)s
        UNION ALL
       SELECT ROW('repeatable', r.name, r.checksum, r.algorithm, r.applied_by)::pg_catalog.text
         FROM pgproof.repeatable AS r
        WHERE r.schema = %(schema)s
       ) AS every;
