-- Says how the attempt at a statement ended that was entered before it was sent.
UPDATE pgproof.journal AS j
   SET outcome = %(outcome)s,
       remark = %(remark)s,
       finished_at = pg_catalog.clock_timestamp()
  FROM pgproof.history AS h
 WHERE h.id OPERATOR(pg_catalog.=) j.history_id
   AND h.version OPERATOR(pg_catalog.=) %(version)s
   AND h.schema OPERATOR(pg_catalog.=) %(schema)s
   AND h.state OPERATOR(pg_catalog.<>) 'reverted'
   AND j.direction OPERATOR(pg_catalog.=) %(direction)s
   AND j.number OPERATOR(pg_catalog.=) %(number)s
   AND j.outcome OPERATOR(pg_catalog.=) '';
