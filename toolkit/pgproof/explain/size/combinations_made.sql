-- The list that ANALYZE has made of the table: its bytes, and its combinations in their order, as output functions write
-- values.
SELECT d.stxdmcv::pg_catalog.bytea AS content,
       (SELECT pg_catalog.jsonb_agg(i.values ORDER BY i.index)
          FROM pg_catalog.pg_mcv_list_items(d.stxdmcv) AS i) AS listed
  FROM pg_catalog.pg_statistic_ext AS e
  JOIN pg_catalog.pg_statistic_ext_data AS d ON d.stxoid = e.oid
 WHERE e.stxnamespace = pg_catalog.pg_my_temp_schema()
   AND e.stxname = 'pgproof_combinations';
