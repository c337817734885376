-- Writes other numbers of distinct values. Only in a cluster of our own.
UPDATE pg_catalog.pg_statistic AS s
   SET stadistinct = r."distinct"::real
  FROM pg_catalog.jsonb_to_recordset(%(rows)s::jsonb)
           AS r(relation bigint, position int, inherited boolean, "distinct" float8)
 WHERE s.starelid = r.relation::oid
   AND s.staattnum = r.position::smallint
   AND s.stainherit = r.inherited;
