-- What ANALYZE looks up of the given types: "=" and "<" of the default btree operator class (0 where there is none;
-- "=" of the hash one then), which may be that of a type that it is binary coercible to (lookup_type_cache in
-- src/backend/utils/cache/typcache.c, GetDefaultOpClass in src/backend/commands/indexcmds.c). `labels` are those of
-- an enumeration, in order; `element` is the type of what an array has in it, or a tsvector, else 0; `range` is the range
-- type of a range, or of what is in a multirange, else 0.
SELECT t.oid::bigint AS number,
       pg_catalog.format_type(t.oid, NULL) AS name,
       t.typtype::text AS kind,
       t.typcategory::text AS category,
       coalesce(o.equal, h.equal, 0)::bigint AS equal,
       coalesce(o.less, 0)::bigint AS less,
       CASE WHEN t.typcategory = 'A' THEN t.typelem::bigint
            WHEN t.oid = 'pg_catalog.tsvector'::regtype THEN 'pg_catalog.text'::regtype::oid::bigint
            ELSE 0
       END AS element,
       coalesce((SELECT r.rngtypid::bigint
                   FROM pg_catalog.pg_range AS r
                  WHERE r.rngtypid = t.oid OR r.rngmultitypid = t.oid), 0) AS range,
       ARRAY(
           SELECT e.enumlabel::text
             FROM pg_catalog.pg_enum AS e
            WHERE e.enumtypid = t.oid
            ORDER BY e.enumsortorder
       ) AS labels
  FROM pg_catalog.pg_type AS t
  LEFT JOIN LATERAL (
      SELECT (SELECT p.amopopr
                FROM pg_catalog.pg_amop AS p
               WHERE p.amopfamily = c.opcfamily AND p.amoplefttype = c.opcintype
                 AND p.amoprighttype = c.opcintype AND p.amopstrategy = 3) AS equal,
             (SELECT p.amopopr
                FROM pg_catalog.pg_amop AS p
               WHERE p.amopfamily = c.opcfamily AND p.amoplefttype = c.opcintype
                 AND p.amoprighttype = c.opcintype AND p.amopstrategy = 1) AS less
        FROM pg_catalog.pg_opclass AS c
        JOIN pg_catalog.pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'btree'
        JOIN pg_catalog.pg_type AS k ON k.oid = c.opcintype
       WHERE c.opcdefault
         AND (c.opcintype = t.oid
              OR c.opcintype = CASE
                                   WHEN t.typsubscript = 'pg_catalog.array_subscript_handler'::regproc
                                   THEN 'pg_catalog.anyarray'::regtype
                                   WHEN t.typtype = 'e' THEN 'pg_catalog.anyenum'::regtype
                                   WHEN t.typtype = 'r' THEN 'pg_catalog.anyrange'::regtype
                                   WHEN t.typtype = 'm' THEN 'pg_catalog.anymultirange'::regtype
                                   WHEN t.typtype = 'c' THEN 'pg_catalog.record'::regtype
                               END
              OR c.opcintype IN (SELECT x.casttarget
                                   FROM pg_catalog.pg_cast AS x
                                  WHERE x.castsource = t.oid AND x.castmethod = 'b' AND x.castcontext = 'i'))
       ORDER BY c.opcintype = t.oid DESC, k.typispreferred DESC, c.oid
       LIMIT 1
  ) AS o ON true
  LEFT JOIN LATERAL (
      SELECT p.amopopr AS equal
        FROM pg_catalog.pg_opclass AS c
        JOIN pg_catalog.pg_am AS m ON m.oid = c.opcmethod AND m.amname = 'hash'
        JOIN pg_catalog.pg_amop AS p
          ON p.amopfamily = c.opcfamily AND p.amoplefttype = c.opcintype
         AND p.amoprighttype = c.opcintype AND p.amopstrategy = 1
       WHERE c.opcdefault AND c.opcintype = t.oid
       LIMIT 1
  ) AS h ON true
 WHERE t.oid = ANY (%(numbers)s::oid[])
 ORDER BY t.oid;
