-- The parts (see parts.sql) of the relations that speak of these objects, as pg_depend has it: by a column's type, a default, a
-- foreign key, a view, a rule, a trigger, a policy.
WITH spoken_of (catalog, oid) AS (
    SELECT o.catalog::pg_catalog.oid, o.oid::pg_catalog.oid
      FROM ROWS FROM (pg_catalog.unnest(%(catalogs)s::pg_catalog.int8[]), pg_catalog.unnest(%(oids)s::pg_catalog.int8[])) AS o (catalog, oid)
), speakers (catalog, oid) AS (
    SELECT DISTINCT d.classid::pg_catalog.regclass, d.objid
      FROM spoken_of AS o
      JOIN pg_catalog.pg_depend AS d ON d.refclassid = o.catalog AND d.refobjid = o.oid
), relations (oid) AS (
    SELECT s.oid FROM speakers AS s WHERE s.catalog = 'pg_catalog.pg_class'::pg_catalog.regclass
     UNION ALL
    SELECT t.adrelid FROM speakers AS s JOIN pg_catalog.pg_attrdef AS t ON t.oid = s.oid
     WHERE s.catalog = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
     UNION ALL
    SELECT t.conrelid FROM speakers AS s JOIN pg_catalog.pg_constraint AS t ON t.oid = s.oid
     WHERE s.catalog = 'pg_catalog.pg_constraint'::pg_catalog.regclass
     UNION ALL
    SELECT t.ev_class FROM speakers AS s JOIN pg_catalog.pg_rewrite AS t ON t.oid = s.oid
     WHERE s.catalog = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
     UNION ALL
    SELECT t.tgrelid FROM speakers AS s JOIN pg_catalog.pg_trigger AS t ON t.oid = s.oid
     WHERE s.catalog = 'pg_catalog.pg_trigger'::pg_catalog.regclass
     UNION ALL
    SELECT t.polrelid FROM speakers AS s JOIN pg_catalog.pg_policy AS t ON t.oid = s.oid
     WHERE s.catalog = 'pg_catalog.pg_policy'::pg_catalog.regclass
     UNION ALL
    SELECT t.stxrelid FROM speakers AS s JOIN pg_catalog.pg_statistic_ext AS t ON t.oid = s.oid
     WHERE s.catalog = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass
     UNION ALL
    SELECT t.prrelid FROM speakers AS s JOIN pg_catalog.pg_publication_rel AS t ON t.oid = s.oid
     WHERE s.catalog = 'pg_catalog.pg_publication_rel'::pg_catalog.regclass
)
SELECT DISTINCT (pg_catalog.hashtextextended((n.nspname || '.' || c.relname) COLLATE pg_catalog."C", 0) & 255)::pg_catalog.int4
  FROM relations AS r
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = r.oid
  JOIN pg_catalog.pg_class AS c ON c.oid = COALESCE(i.indrelid, r.oid)
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace;
