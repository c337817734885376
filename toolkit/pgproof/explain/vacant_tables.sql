-- Partitioned tables without a partition, and how each is partitioned: (h)ash, (l)ist or (r)ange.
SELECT n.nspname AS schema,
       c.relname AS name,
       p.partstrat::text AS strategy
  FROM pg_catalog.pg_partitioned_table AS p
  JOIN pg_catalog.pg_class AS c ON c.oid = p.partrelid
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_inherits AS i WHERE i.inhparent = c.oid)
 ORDER BY n.nspname, c.relname;
