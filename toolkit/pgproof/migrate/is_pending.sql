-- Whether a file is still to be applied. If another text of it is applied, or half of it, the cast fails and says so.
SELECT CASE
           WHEN h.version IS NULL THEN true
           WHEN h.state OPERATOR(pg_catalog.=) 'applied' AND h.checksum OPERATOR(pg_catalog.=) %(checksum)s THEN false
           ELSE (h.name || ' was edited or is half done; ask pgproof status')::pg_catalog.bool
       END AS pending
  FROM (SELECT) AS once
  LEFT JOIN pgproof.history AS h
    ON h.version OPERATOR(pg_catalog.=) %(version)s
   AND h.schema OPERATOR(pg_catalog.=) %(schema)s
   AND h.state OPERATOR(pg_catalog.<>) 'reverted';
