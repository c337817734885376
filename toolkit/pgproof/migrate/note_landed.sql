-- Says that a statement has landed, at the end of the transaction that it ran in.
INSERT INTO pgproof.journal (history_id, run, direction, number, hash, started_at, finished_at, outcome)
SELECT h.id, %(run)s, %(direction)s, %(number)s, %(hash)s, pg_catalog.now(), pg_catalog.clock_timestamp(), 'landed'
  FROM pgproof.history AS h
 WHERE h.version OPERATOR(pg_catalog.=) %(version)s
   AND h.schema OPERATOR(pg_catalog.=) %(schema)s
   AND h.state OPERATOR(pg_catalog.<>) 'reverted';
