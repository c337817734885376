-- Everything that was ever run here, upgrades and downgrades each for themselves, in the order in which they began.
-- Which program ran it and in which run is known of the last only: of a reverted version, of its downgrade.
SELECT h.id,
       'upgrade' AS direction,
       h.schema,
       h.version,
       h.name,
       CASE h.state WHEN 'applying' THEN 'applying' ELSE 'applied' END AS state,
       h.done,
       h.total,
       CASE h.state WHEN 'applying' THEN h.error ELSE '' END AS error,
       h.started_at,
       h.finished_at,
       h.applied_by AS by,
       h.applied_from AS host,
       CASE WHEN h.reverting_at IS NULL THEN h.tool END AS tool,
       h.text
  FROM pgproof.history AS h
 UNION ALL
SELECT h.id,
       'downgrade',
       h.schema,
       h.version,
       h.name,
       h.state,
       h.done,
       h.total,
       h.error,
       h.reverting_at,
       h.reverted_at,
       h.reverted_by,
       NULL,
       h.tool,
       NULL
  FROM pgproof.history AS h
 WHERE h.reverting_at IS NOT NULL
 ORDER BY started_at, id, direction DESC;
