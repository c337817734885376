-- Whether a repeatable file is still to be run as it is now.
SELECT NOT EXISTS (
           SELECT
             FROM pgproof.repeatable AS r
            WHERE r.schema OPERATOR(pg_catalog.=) %(schema)s
              AND r.name OPERATOR(pg_catalog.=) %(name)s
              AND r.checksum OPERATOR(pg_catalog.=) %(checksum)s
       ) AS pending;
