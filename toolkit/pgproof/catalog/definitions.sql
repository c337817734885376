-- Everything that the user's schemas hold, one row per object: its kind, its name, the schema and the relation that it
-- belongs to (empty for none), and its definition as the server writes it. To compare two databases of one major,
-- from 14 on. Run it with an empty search_path: then every name in a definition has its schema.
-- Left out: members of extensions, owners, and what only one server can know (OIDs, statistics, sizes, settings of
-- databases and roles, user mappings, large objects). Privileges are rows of their own; "owner" is whoever owns the
-- object.
-- What came after 14 is read through JSON.
WITH schemas AS (
    SELECT n.oid, n.nspname AS name
      FROM pg_catalog.pg_namespace AS n
     WHERE n.nspname !~ '^pg_'
       AND n.nspname NOT IN ('information_schema', 'pgproof')
), members AS (
    SELECT d.classid, d.objid
      FROM pg_catalog.pg_depend AS d
     WHERE d.deptype = 'e'
), relations AS (
    SELECT c.oid,
           s.name AS schema,
           pg_catalog.format('%I.%I', s.name, c.relname) AS name,
           c.relkind AS kind
      FROM pg_catalog.pg_class AS c
      JOIN schemas AS s ON s.oid = c.relnamespace
     WHERE c.relpersistence <> 't'
       AND c.relkind NOT IN ('t')
       AND NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND m.objid = c.oid)
), functions AS (
    SELECT p.oid,
           s.name AS schema,
           pg_catalog.format('%I.%I(%s)', s.name, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid)) AS name,
           p.prokind AS kind
      FROM pg_catalog.pg_proc AS p
      JOIN schemas AS s ON s.oid = p.pronamespace
     WHERE NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND m.objid = p.oid)
), types AS (
    SELECT t.oid,
           s.name AS schema,
           pg_catalog.format('%I.%I', s.name, t.typname) AS name,
           t.typtype AS kind
      FROM pg_catalog.pg_type AS t
      JOIN schemas AS s ON s.oid = t.typnamespace
      LEFT JOIN pg_catalog.pg_class AS c ON c.oid = t.typrelid
     WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'b' AND t.typcategory <> 'A') OR c.relkind = 'c')
       AND NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND m.objid = t.oid)
), privileges AS (
    SELECT 'schema' AS kind, n.oid, 0 AS number, n.nspowner AS owner,
           COALESCE(n.nspacl, pg_catalog.acldefault('n', n.nspowner)) AS acl
      FROM pg_catalog.pg_namespace AS n
     UNION ALL
    SELECT 'relation', c.oid, 0, c.relowner,
           COALESCE(c.relacl, pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
      FROM pg_catalog.pg_class AS c
     UNION ALL
    SELECT 'column', a.attrelid, a.attnum, c.relowner, a.attacl
      FROM pg_catalog.pg_attribute AS a
      JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
     WHERE a.attacl IS NOT NULL
     UNION ALL
    SELECT 'function', p.oid, 0, p.proowner, COALESCE(p.proacl, pg_catalog.acldefault('f', p.proowner))
      FROM pg_catalog.pg_proc AS p
     UNION ALL
    SELECT 'type', t.oid, 0, t.typowner, COALESCE(t.typacl, pg_catalog.acldefault('T', t.typowner))
      FROM pg_catalog.pg_type AS t
), granted AS (
    SELECT p.kind, p.oid, p.number,
           pg_catalog.string_agg(e.grantee || ' ' || e.privilege || e.more, ', '
                                 ORDER BY e.grantee COLLATE "C", e.privilege COLLATE "C") AS text
      FROM privileges AS p
     CROSS JOIN LATERAL (
           SELECT CASE a.grantee WHEN 0 THEN 'public' WHEN p.owner THEN 'owner'
                                 ELSE pg_catalog.pg_get_userbyid(a.grantee)::text END,
                  a.privilege_type,
                  CASE WHEN a.is_grantable THEN ' with grant option' ELSE '' END
             FROM pg_catalog.aclexplode(p.acl) AS a) AS e (grantee, privilege, more)
     GROUP BY p.kind, p.oid, p.number
), found (kind, name, schema, relation, definition) AS (
    SELECT 'schema', pg_catalog.quote_ident(s.name), s.name::text, '', ''
      FROM schemas AS s
     UNION ALL
    SELECT 'privileges', 'schema ' || pg_catalog.quote_ident(s.name), s.name, '', COALESCE(g.text, 'none')
      FROM schemas AS s
      LEFT JOIN granted AS g ON g.kind = 'schema' AND g.oid = s.oid
     UNION ALL
    SELECT 'privileges', CASE r.kind WHEN 'S' THEN 'sequence ' ELSE 'relation ' END || r.name, r.schema, r.name,
           COALESCE(g.text, 'none')
      FROM relations AS r
      LEFT JOIN granted AS g ON g.kind = 'relation' AND g.oid = r.oid
     WHERE r.kind IN ('r', 'p', 'v', 'm', 'f', 'S')
     UNION ALL
    SELECT 'privileges', 'column ' || r.name || '.' || pg_catalog.quote_ident(a.attname), r.schema, r.name, g.text
      FROM relations AS r
      JOIN granted AS g ON g.kind = 'column' AND g.oid = r.oid
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum = g.number
     UNION ALL
    SELECT 'privileges', 'function ' || f.name, f.schema, '', COALESCE(g.text, 'none')
      FROM functions AS f
      LEFT JOIN granted AS g ON g.kind = 'function' AND g.oid = f.oid
     UNION ALL
    SELECT 'privileges', 'type ' || t.name, t.schema, '', COALESCE(g.text, 'none')
      FROM types AS t
      LEFT JOIN granted AS g ON g.kind = 'type' AND g.oid = t.oid
     UNION ALL
    SELECT 'extension', pg_catalog.quote_ident(e.extname), '', '', 'in ' || n.nspname
      FROM pg_catalog.pg_extension AS e
      JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
     UNION ALL
    SELECT CASE r.kind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view' WHEN 'f' THEN 'foreign table'
                       WHEN 'm' THEN 'materialized view' ELSE 'composite type' END,
           r.name, r.schema, r.name,
           pg_catalog.concat_ws('; ',
               CASE WHEN c.relpersistence = 'u' THEN 'unlogged' END,
               'access method ' || am.amname,
               'with (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')',
               'partition by ' || pg_catalog.pg_get_partkeydef(c.oid),
               (SELECT 'inherits ' || pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ' ORDER BY i.inhseqno)
                  FROM pg_catalog.pg_inherits AS i WHERE i.inhrelid = c.oid),
               CASE WHEN c.relispartition THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
               CASE WHEN c.reloftype <> 0 THEN 'of ' || c.reloftype::pg_catalog.regtype::text END,
               CASE WHEN c.relrowsecurity THEN 'row level security' END,
               CASE WHEN c.relforcerowsecurity THEN 'forced row level security' END,
               CASE WHEN c.relkind IN ('r', 'p') AND c.relreplident NOT IN ('d', 'i')
                    THEN 'replica identity ' || CASE c.relreplident WHEN 'f' THEN 'full' ELSE 'nothing' END END,
               CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'not populated' END,
               (SELECT 'server ' || fs.srvname || ' options (' || COALESCE(pg_catalog.array_to_string(ft.ftoptions, ', '), '')
                       || ')'
                  FROM pg_catalog.pg_foreign_table AS ft
                  JOIN pg_catalog.pg_foreign_server AS fs ON fs.oid = ft.ftserver
                 WHERE ft.ftrelid = c.oid),
               CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END)
      FROM relations AS r
      JOIN pg_catalog.pg_class AS c ON c.oid = r.oid
      LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
     WHERE r.kind IN ('r', 'p', 'v', 'm', 'f', 'c')
     UNION ALL
    SELECT 'order of columns', r.name, r.schema, r.name,
           pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)
      FROM relations AS r
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE r.kind IN ('r', 'p', 'v', 'm', 'f', 'c')
     GROUP BY r.name, r.schema
     UNION ALL
    SELECT 'column', r.name || '.' || pg_catalog.quote_ident(a.attname), r.schema, r.name,
           pg_catalog.concat_ws(' ',
               pg_catalog.format_type(a.atttypid, a.atttypmod),
               CASE WHEN a.attcollation NOT IN (0, t.typcollation)
                    THEN 'collate ' || a.attcollation::pg_catalog.regcollation::text END,
               CASE WHEN a.attnotnull THEN 'not null' END,
               CASE a.attidentity WHEN 'a' THEN 'generated always as identity'
                                  WHEN 'd' THEN 'generated by default as identity' END,
               CASE a.attgenerated WHEN '' THEN 'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                                   WHEN 's' THEN 'generated ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ' stored'
                                   ELSE 'generated ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || ' virtual' END,
               CASE WHEN a.attstorage <> t.typstorage THEN 'storage ' || a.attstorage::text END,
               CASE WHEN a.attcompression <> '' THEN 'compression ' || a.attcompression::text END,
               CASE WHEN COALESCE(a.attstattarget, -1) >= 0 THEN 'statistics ' || a.attstattarget END,
               'with (' || pg_catalog.array_to_string(a.attoptions, ', ') || ')',
               'options (' || pg_catalog.array_to_string(a.attfdwoptions, ', ') || ')')
      FROM relations AS r
      JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE r.kind IN ('r', 'p', 'v', 'm', 'f', 'c')
     UNION ALL
    SELECT 'sequence', r.name, r.schema, COALESCE(owner.name, r.name),
           pg_catalog.format('as %s start %s increment %s from %s to %s cache %s%s%s',
               pg_catalog.format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin, q.seqmax, q.seqcache,
               CASE WHEN q.seqcycle THEN ' cycle' END,
               ' owned by ' || owner.name || '.' || owner.attname)
      FROM relations AS r
      JOIN pg_catalog.pg_sequence AS q ON q.seqrelid = r.oid
      LEFT JOIN LATERAL (
           SELECT o.name, a.attname
             FROM pg_catalog.pg_depend AS d
             JOIN relations AS o ON o.oid = d.refobjid
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = r.oid
              AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
            LIMIT 1) AS owner ON true
     UNION ALL
    SELECT 'index', r.name, r.schema, pg_catalog.format('%I.%I', tn.nspname, tc.relname),
           pg_catalog.concat_ws('; ', pg_catalog.pg_get_indexdef(i.indexrelid),
               CASE WHEN NOT i.indisvalid THEN 'INVALID' END,
               CASE WHEN i.indisclustered THEN 'clustered' END,
               CASE WHEN i.indisreplident AND tc.relreplident = 'i' THEN 'replica identity' END,
               (SELECT 'statistics ' || pg_catalog.string_agg(a.attnum || '=' || a.attstattarget, ', ' ORDER BY a.attnum)
                  FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = r.oid AND COALESCE(a.attstattarget, -1) >= 0))
      FROM relations AS r
      JOIN pg_catalog.pg_index AS i ON i.indexrelid = r.oid
      JOIN pg_catalog.pg_class AS tc ON tc.oid = i.indrelid
      JOIN pg_catalog.pg_namespace AS tn ON tn.oid = tc.relnamespace
     UNION ALL
    SELECT 'constraint', r.name || '.' || pg_catalog.quote_ident(con.conname), r.schema, r.name,
           pg_catalog.concat_ws('; ', pg_catalog.pg_get_constraintdef(con.oid),
               CASE WHEN NOT con.convalidated THEN 'not valid' END)
      FROM relations AS r
      JOIN pg_catalog.pg_constraint AS con ON con.conrelid = r.oid
     WHERE con.contype IN ('c', 'f', 'p', 'u', 'x')
        OR (con.contype = 'n' AND (NOT con.convalidated OR con.connoinherit)) -- the others are told by the column
     UNION ALL
    SELECT 'rule', r.name || '.' || pg_catalog.quote_ident(w.rulename), r.schema, r.name,
           pg_catalog.pg_get_ruledef(w.oid) || CASE w.ev_enabled WHEN 'O' THEN '' ELSE ' enabled ' || w.ev_enabled::text END
      FROM relations AS r
      JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid
     WHERE w.rulename <> '_RETURN'
     UNION ALL
    SELECT 'trigger', r.name || '.' || pg_catalog.quote_ident(t.tgname), r.schema, r.name,
           pg_catalog.pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' enabled ' || t.tgenabled::text END
      FROM relations AS r
      JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid
     WHERE NOT t.tgisinternal
     UNION ALL
    SELECT 'policy', r.name || '.' || pg_catalog.quote_ident(p.polname), r.schema, r.name,
           pg_catalog.concat_ws(' ',
               CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END,
               CASE p.polcmd WHEN 'r' THEN 'select' WHEN 'a' THEN 'insert' WHEN 'w' THEN 'update' WHEN 'd' THEN 'delete'
                             ELSE 'all' END,
               'to ' || (SELECT pg_catalog.string_agg(CASE o.role WHEN 0 THEN 'public'
                                                      ELSE pg_catalog.pg_get_userbyid(o.role)::text END, ', ' ORDER BY 1)
                           FROM pg_catalog.unnest(p.polroles) AS o (role)),
               'using ' || pg_catalog.pg_get_expr(p.polqual, p.polrelid),
               'check ' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid))
      FROM relations AS r
      JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
     UNION ALL
    SELECT 'statistics', pg_catalog.format('%I.%I', s.name, x.stxname), s.name, x.stxrelid::pg_catalog.regclass::text,
           pg_catalog.concat_ws('; ', pg_catalog.pg_get_statisticsobjdef(x.oid),
               CASE WHEN COALESCE(x.stxstattarget, -1) >= 0 THEN 'target ' || x.stxstattarget END)
      FROM pg_catalog.pg_statistic_ext AS x
      JOIN schemas AS s ON s.oid = x.stxnamespace
     UNION ALL
    SELECT CASE f.kind WHEN 'p' THEN 'procedure' ELSE 'function' END, f.name, f.schema, '',
           pg_catalog.pg_get_functiondef(f.oid)
      FROM functions AS f
     WHERE f.kind IN ('f', 'p', 'w')
     UNION ALL
    SELECT 'aggregate', f.name, f.schema, '',
           (pg_catalog.to_jsonb(a) - 'aggfnoid' - 'aggtranstype' - 'aggmtranstype' - 'aggsortop')::text
           || ' ' || a.aggtranstype::pg_catalog.regtype::text || ' ' || a.aggmtranstype::pg_catalog.regtype::text
           || ' ' || a.aggsortop::pg_catalog.regoperator::text
      FROM functions AS f
      JOIN pg_catalog.pg_aggregate AS a ON a.aggfnoid = f.oid
     UNION ALL
    SELECT CASE t.kind WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range' ELSE 'base type' END,
           t.name, t.schema, '',
           pg_catalog.concat_ws('; ',
               (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                  FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = t.oid),
               CASE t.kind WHEN 'd' THEN pg_catalog.format_type(y.typbasetype, y.typtypmod) END,
               CASE WHEN t.kind = 'd' AND y.typcollation <> 0 THEN y.typcollation::pg_catalog.regcollation::text END,
               CASE WHEN y.typnotnull THEN 'not null' END,
               'default ' || y.typdefault,
               (SELECT pg_catalog.concat_ws(' ', g.rngsubtype::pg_catalog.regtype, g.rngcollation::pg_catalog.regcollation,
                       g.rngcanonical, g.rngsubdiff, oc.opcname)
                  FROM pg_catalog.pg_range AS g
                  JOIN pg_catalog.pg_opclass AS oc ON oc.oid = g.rngsubopc
                 WHERE g.rngtypid = t.oid),
               CASE t.kind WHEN 'b' THEN pg_catalog.concat_ws(' ', y.typlen, y.typbyval, y.typalign, y.typstorage, y.typinput,
                       y.typoutput, y.typreceive, y.typsend, y.typmodin, y.typmodout, y.typanalyze, y.typcategory) END)
      FROM types AS t
      JOIN pg_catalog.pg_type AS y ON y.oid = t.oid
     WHERE t.kind <> 'c' -- composite types are told as relations
     UNION ALL
    SELECT 'constraint', t.name || '.' || pg_catalog.quote_ident(con.conname), t.schema, '',
           pg_catalog.concat_ws('; ', pg_catalog.pg_get_constraintdef(con.oid),
               CASE WHEN NOT con.convalidated THEN 'not valid' END)
      FROM types AS t
      JOIN pg_catalog.pg_constraint AS con ON con.contypid = t.oid
     WHERE con.contype = 'c'
     UNION ALL
    SELECT 'operator', pg_catalog.format('%I.%s(%s, %s)', s.name, o.oprname, pg_catalog.format_type(o.oprleft, NULL),
               pg_catalog.format_type(o.oprright, NULL)), s.name, '',
           pg_catalog.concat_ws(' ', o.oprcode::text, o.oprrest::text, o.oprjoin::text, 'commutator',
               o.oprcom::pg_catalog.regoper, 'negator', o.oprnegate::pg_catalog.regoper,
               CASE WHEN o.oprcanhash THEN 'hashes' END, CASE WHEN o.oprcanmerge THEN 'merges' END)
      FROM pg_catalog.pg_operator AS o
      JOIN schemas AS s ON s.oid = o.oprnamespace
     WHERE NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass AND m.objid = o.oid)
     UNION ALL
    SELECT 'operator class', pg_catalog.format('%I.%I using %I', s.name, oc.opcname, am.amname), s.name, '',
           pg_catalog.concat_ws(' ', oc.opcintype::pg_catalog.regtype, CASE WHEN oc.opcdefault THEN 'default' END,
               of.opfname,
               (SELECT pg_catalog.string_agg(ao.amopstrategy || ' ' || ao.amopopr::pg_catalog.regoperator::text, ', '
                                             ORDER BY ao.amopstrategy, ao.amopopr::pg_catalog.regoperator::text)
                  FROM pg_catalog.pg_amop AS ao WHERE ao.amopfamily = oc.opcfamily),
               (SELECT pg_catalog.string_agg(ap.amprocnum || ' ' || ap.amproc::pg_catalog.regprocedure::text, ', '
                                             ORDER BY ap.amprocnum, ap.amproc::pg_catalog.regprocedure::text)
                  FROM pg_catalog.pg_amproc AS ap WHERE ap.amprocfamily = oc.opcfamily))
      FROM pg_catalog.pg_opclass AS oc
      JOIN pg_catalog.pg_am AS am ON am.oid = oc.opcmethod
      JOIN pg_catalog.pg_opfamily AS of ON of.oid = oc.opcfamily
      JOIN schemas AS s ON s.oid = oc.opcnamespace
     WHERE NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_opclass'::pg_catalog.regclass AND m.objid = oc.oid)
     UNION ALL
    SELECT 'cast', pg_catalog.format('%s as %s', ca.castsource::pg_catalog.regtype, ca.casttarget::pg_catalog.regtype), '', '',
           pg_catalog.concat_ws(' ', ca.castmethod, ca.castcontext, NULLIF(ca.castfunc, 0)::pg_catalog.regprocedure)
      FROM pg_catalog.pg_cast AS ca
     WHERE ca.oid >= 16384
       AND NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND m.objid = ca.oid)
     UNION ALL
    SELECT 'collation', pg_catalog.format('%I.%I', s.name, co.collname), s.name, '',
           (pg_catalog.to_jsonb(co) - 'oid' - 'collnamespace' - 'collowner' - 'collversion')::text
      FROM pg_catalog.pg_collation AS co
      JOIN schemas AS s ON s.oid = co.collnamespace
     UNION ALL
    SELECT 'text search configuration', pg_catalog.format('%I.%I', s.name, tc.cfgname), s.name, '',
           pg_catalog.concat_ws(': ', (SELECT p.prsname FROM pg_catalog.pg_ts_parser AS p WHERE p.oid = tc.cfgparser),
               (SELECT pg_catalog.string_agg(tm.maptokentype || ' ' || tm.mapdict::pg_catalog.regdictionary::text, ', '
                                             ORDER BY tm.maptokentype, tm.mapseqno)
                  FROM pg_catalog.pg_ts_config_map AS tm WHERE tm.mapcfg = tc.oid))
      FROM pg_catalog.pg_ts_config AS tc
      JOIN schemas AS s ON s.oid = tc.cfgnamespace
     UNION ALL
    SELECT 'text search dictionary', pg_catalog.format('%I.%I', s.name, td.dictname), s.name, '',
           pg_catalog.concat_ws(' ', (SELECT tt.tmplname FROM pg_catalog.pg_ts_template AS tt WHERE tt.oid = td.dicttemplate),
               td.dictinitoption)
      FROM pg_catalog.pg_ts_dict AS td
      JOIN schemas AS s ON s.oid = td.dictnamespace
     WHERE NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_ts_dict'::pg_catalog.regclass AND m.objid = td.oid)
     UNION ALL
    SELECT 'event trigger', pg_catalog.quote_ident(e.evtname), '', '',
           pg_catalog.concat_ws(' ', e.evtevent, e.evtfoid::pg_catalog.regprocedure, e.evtenabled,
               pg_catalog.array_to_string(e.evttags, ', '))
      FROM pg_catalog.pg_event_trigger AS e
     WHERE NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_event_trigger'::pg_catalog.regclass AND m.objid = e.oid)
     UNION ALL
    SELECT 'publication', pg_catalog.quote_ident(p.pubname), '', '',
           (pg_catalog.to_jsonb(p) - 'oid' - 'pubname' - 'pubowner')::text
           || COALESCE((SELECT ' of ' || pg_catalog.string_agg(pr.prrelid::pg_catalog.regclass::text, ', '
                                                       ORDER BY pr.prrelid::pg_catalog.regclass::text)
                          FROM pg_catalog.pg_publication_rel AS pr WHERE pr.prpubid = p.oid), '')
      FROM pg_catalog.pg_publication AS p
     UNION ALL
    SELECT 'foreign data wrapper', pg_catalog.quote_ident(w.fdwname), '', '',
           pg_catalog.concat_ws(' ', NULLIF(w.fdwhandler, 0)::pg_catalog.regprocedure,
               NULLIF(w.fdwvalidator, 0)::pg_catalog.regprocedure, pg_catalog.array_to_string(w.fdwoptions, ', '))
      FROM pg_catalog.pg_foreign_data_wrapper AS w
     WHERE NOT EXISTS (SELECT FROM members AS m
                        WHERE m.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass AND m.objid = w.oid)
     UNION ALL
    SELECT 'foreign server', pg_catalog.quote_ident(f.srvname), '', '',
           pg_catalog.concat_ws(' ', w.fdwname, f.srvtype, f.srvversion, pg_catalog.array_to_string(f.srvoptions, ', '))
      FROM pg_catalog.pg_foreign_server AS f
      JOIN pg_catalog.pg_foreign_data_wrapper AS w ON w.oid = f.srvfdw
     UNION ALL
    SELECT 'default privileges', pg_catalog.concat_ws(' ', d.defaclobjtype, COALESCE('in ' || n.nspname, 'everywhere')),
           COALESCE(n.nspname::text, ''), '',
           pg_catalog.string_agg(a.grantee || ' ' || a.privilege, ', '
                                 ORDER BY a.grantee COLLATE "C", a.privilege COLLATE "C")
      FROM pg_catalog.pg_default_acl AS d
      LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = d.defaclnamespace
     CROSS JOIN LATERAL (
           SELECT CASE x.grantee WHEN 0 THEN 'public' WHEN d.defaclrole THEN 'owner'
                                 ELSE pg_catalog.pg_get_userbyid(x.grantee)::text END,
                  x.privilege_type
             FROM pg_catalog.aclexplode(d.defaclacl) AS x) AS a (grantee, privilege)
     GROUP BY d.oid, d.defaclobjtype, n.nspname
     UNION ALL
    SELECT 'comment', i.type || ' ' || i.identity, COALESCE(r.schema, i.schema, CASE i.type WHEN 'schema' THEN i.name END, ''),
           COALESCE(r.name, ''), e.description
      FROM pg_catalog.pg_description AS e
     CROSS JOIN LATERAL pg_catalog.pg_identify_object(e.classoid, e.objoid, e.objsubid) AS i
      LEFT JOIN relations AS r ON e.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND r.oid = e.objoid
     WHERE e.objoid >= 16384
       AND i.type <> 'extension' -- an extension brings its own
       AND i.identity !~ '^"?pgproof"?(\.|$)'
       AND i.identity !~ ' on "?pgproof"?\.'
       AND NOT EXISTS (SELECT FROM members AS m WHERE m.classid = e.classoid AND m.objid = e.objoid)
)
SELECT f.kind, f.name, f.schema, f.relation, f.definition
  FROM found AS f
 ORDER BY f.kind COLLATE "C", f.name COLLATE "C", f.definition COLLATE "C";
