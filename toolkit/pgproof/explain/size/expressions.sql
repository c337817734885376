-- The expressions of the given indexes, by table, index and position, as SQL.
SELECT i.indrelid::bigint AS owner,
       i.indexrelid::bigint AS number,
       k.position::int AS position,
       pg_catalog.pg_get_indexdef(i.indexrelid, k.position::int, false) AS text
  FROM pg_catalog.pg_index AS i
 CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnkeyatts::int) AS k (position)
 WHERE i.indexrelid = ANY (%(numbers)s::oid[])
   AND i.indkey[k.position - 1] = 0
 ORDER BY i.indexrelid, k.position;
