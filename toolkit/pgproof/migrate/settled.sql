-- What a history comes down to: how many versions are there, their digest as outline.py computes it of files, and
-- the last entry. No row if nothing was ever applied. 10,000 entries take about 5 ms.
SELECT whole.count,
       whole.digest,
       last.version,
       last.name,
       last.state,
       last.done,
       last.total,
       last.error,
       last.checksum,
       last.algorithm,
       last.started_at,
       last.finished_at,
       last.applied_by
  FROM (
       SELECT pg_catalog.count(*) AS count,
              pg_catalog.max(h.version) AS version,
              pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.string_agg(
                  h.version || ' ' || h.state || ' ' || h.algorithm || ' ' || h.checksum || E'\n',
                  '' ORDER BY h.version), 'UTF8')), 'hex') AS digest
         FROM pgproof.history AS h
        WHERE h.state <> 'reverted'
          AND h.schema = %(schema)s
       ) AS whole
  JOIN pgproof.history AS last
    ON last.version = whole.version
   AND last.schema = %(schema)s
   AND last.state <> 'reverted';
