-- Whether the server has workers for subscriptions, and which of this database's have a slot at the publisher.
SELECT pg_catalog.current_setting('max_logical_replication_workers')::pg_catalog.int4 > 0,
       COALESCE(pg_catalog.jsonb_object_agg(s.subname, s.subslotname IS NOT NULL) FILTER (WHERE s.subname IS NOT NULL), '{}')
  FROM (SELECT 1) AS one (row)
  LEFT JOIN (SELECT t.subname, t.subslotname
               FROM pg_catalog.pg_subscription AS t
               JOIN pg_catalog.pg_database AS d ON d.oid = t.subdbid
              WHERE d.datname = pg_catalog.current_database()) AS s ON true;
