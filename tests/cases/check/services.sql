-- expect: PLN101 cast_bad
-- expect: PLN101 coalesce_bad
-- expect: PLN101 coll_bad
-- expect: PLN101 cte_bad
-- expect: PLN101 doc_bad
-- expect: PLN101 gin_bad
-- expect: PLN101 hash_bad
-- expect: PLN101 like_param_bad
-- expect: PLN101 lower_bad
-- expect: PLN101 ne_bad
-- expect: PLN101 nulls_last_bad
-- expect: PLN101 optional_bad
-- expect: PLN101 or_one_bad
-- expect: PLN101 part_bad
-- expect: PLN102 in_bad
-- expect: PLN102 join_inner_order_bad
-- expect: PLN102 join_of_one_bad
-- expect: PLN102 mixed_bad
-- expect: PLN102 tiebreak_bad
-- expect: PLN102 union_bad
-- What indexes can do for queries of many kinds; the same on every major.
CREATE TABLE u (id integer PRIMARY KEY, mail text NOT NULL UNIQUE, name text);
CREATE TABLE t (
    id integer PRIMARY KEY,
    u_id integer REFERENCES u,
    a integer,
    b text,
    c timestamptz NOT NULL,
    d integer,
    tags text[],
    doc jsonb,
    pos point
);
CREATE INDEX t_u_c ON t (u_id, c DESC);
CREATE INDEX t_a_c ON t (a, c);
CREATE INDEX t_d ON t (d);
CREATE INDEX t_nulls ON t (d NULLS FIRST);
CREATE INDEX t_lower ON t (lower(b));
CREATE INDEX t_hash ON t USING hash (b);
CREATE INDEX t_collated ON t (b COLLATE "C");
CREATE INDEX t_tags ON t USING gin (tags);
CREATE INDEX t_doc ON t USING gin (doc jsonb_path_ops);
CREATE INDEX t_brin ON t USING brin (c);
CREATE INDEX t_pos ON t USING gist (pos);
CREATE INDEX t_part ON t (c) WHERE a = 5;
-- file: checks/queries.sql
-- name: nulls_last_bad
-- uses: t_nulls
-- order: index
SELECT * FROM t ORDER BY d LIMIT 3;

-- name: mixed_bad
-- uses: t_a_c
-- order: index
SELECT * FROM t ORDER BY a, c DESC;

-- name: in_bad
-- uses: t_a_c
-- order: index
SELECT * FROM t WHERE a IN (1, 2) ORDER BY c;

-- name: join_inner_order_bad
-- uses: t_u_c
-- order: index
SELECT * FROM u JOIN t ON t.u_id = u.id ORDER BY t.c DESC;

-- name: join_of_one_bad
-- uses: t_u_c
-- order: index
SELECT t.* FROM u JOIN t ON t.u_id = u.id WHERE u.mail = $1 ORDER BY t.c DESC LIMIT 5;

-- name: join_eq
-- uses: t_u_c
SELECT t.* FROM u JOIN t ON t.u_id = u.id WHERE u.mail = $1;

-- name: distinct_bad
-- uses: t_u_c
-- order: index
SELECT DISTINCT u_id FROM t WHERE a = 3 ORDER BY u_id DESC;

-- name: hash_ok
-- uses: t_hash
SELECT * FROM t WHERE b = 'x';

-- name: hash_bad
-- uses: t_hash
SELECT * FROM t WHERE b > 'x';

-- name: gin_ok
-- uses: t_tags
SELECT * FROM t WHERE tags @> ARRAY['x'];

-- name: gin_bad
-- uses: t_tags
SELECT * FROM t WHERE 'x' = ANY (tags);

-- name: doc_ok
-- uses: t_doc
SELECT * FROM t WHERE doc @> '{"a": 1}';

-- name: doc_bad
-- uses: t_doc
SELECT * FROM t WHERE doc ->> 'a' = '1';

-- name: brin_ok
-- uses: t_brin
SELECT * FROM t WHERE c > $1;

-- name: knn_ok
-- uses: t_pos
-- order: index
SELECT * FROM t ORDER BY pos <-> '(1,1)' LIMIT 3;

-- name: part_ok
-- uses: t_part
-- order: index
SELECT * FROM t WHERE a = 5 AND c > $1 ORDER BY c;

-- name: part_bad
-- uses: t_part
SELECT * FROM t WHERE a = $1 AND c > $2;

-- name: lower_ok
-- uses: t_lower
SELECT * FROM t WHERE lower(b) = lower($1);

-- name: lower_bad
-- uses: t_lower
SELECT * FROM t WHERE b = $1;

-- name: cast_bad
-- uses: t_d
SELECT * FROM t WHERE d::text = $1;

-- name: coll_bad
-- uses: t_collated
SELECT * FROM t WHERE b > 'x';

-- name: two
-- uses: t_d, t_a_c
SELECT * FROM t WHERE d = $1 AND a = $2;

-- name: or_two
-- uses: t_d, t_a_c
SELECT * FROM t WHERE d = $1 OR a = $2;

-- name: or_one_bad
-- uses: t_d
SELECT * FROM t WHERE d = $1 OR b = $2;

-- name: sub
-- uses: t_d
SELECT * FROM u WHERE id IN (SELECT u_id FROM t WHERE d = $1);

-- name: exists_fk
-- uses: t_u_c
SELECT * FROM u WHERE EXISTS (SELECT 1 FROM t WHERE t.u_id = u.id);

-- name: count_
-- uses: t_u_c
SELECT count(*) FROM t WHERE u_id = $1;

-- name: max_
-- uses: t_u_c
SELECT max(c) FROM t WHERE u_id = $1;

-- name: lateral_
-- uses: t_u_c
SELECT * FROM u, LATERAL (SELECT * FROM t WHERE t.u_id = u.id ORDER BY c DESC LIMIT 1) x;

-- name: cte
-- uses: t_u_c
WITH x AS (SELECT * FROM t WHERE u_id = $1) SELECT * FROM x;

-- name: cte_bad
-- uses: t_u_c
WITH x AS MATERIALIZED (SELECT * FROM t) SELECT * FROM x WHERE u_id = $1;

-- name: upd
-- uses: t_u_c
UPDATE t SET a = 1 WHERE u_id = $1;

-- name: del_
-- uses: t_u_c
DELETE FROM t USING u WHERE u.id = t.u_id AND u.mail = $1;

-- name: ne_bad
-- uses: t_d
SELECT * FROM t WHERE d <> $1;

-- name: isnull
-- uses: t_d
SELECT * FROM t WHERE d IS NULL;

-- name: coalesce_bad
-- uses: t_d
SELECT * FROM t WHERE coalesce(d, 0) = $1;

-- name: optional_bad
-- uses: t_d
SELECT * FROM t WHERE ($1::int IS NULL OR d = $1);

-- name: row_
-- uses: t_a_c
-- order: index
SELECT * FROM t WHERE (a, c) > ($1, $2) ORDER BY a, c LIMIT 5;

-- name: group_
-- uses: t_a_c
-- order: index
SELECT a, count(*) FROM t WHERE a > $1 GROUP BY a ORDER BY a;

-- name: union_bad
-- uses: t_a_c
-- order: index
SELECT a, c FROM t WHERE a = 1 UNION ALL SELECT d, c FROM t ORDER BY a;

-- name: like_
-- uses: t_collated
SELECT * FROM t WHERE b LIKE 'x%';

-- name: like_param_bad
-- uses: t_collated
SELECT * FROM t WHERE b LIKE $1;

-- name: window_
-- uses: t_u_c
SELECT *, row_number() OVER (PARTITION BY u_id ORDER BY c DESC) FROM t WHERE u_id = $1;

-- name: forupdate
-- uses: t_u_c
-- order: index
SELECT * FROM t WHERE u_id = $1 ORDER BY c DESC LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: page
-- uses: t_u_c
-- order: index
SELECT * FROM t WHERE u_id = $1 AND ($2::timestamptz IS NULL OR c < $2) ORDER BY c DESC LIMIT $3;

-- name: asc
-- uses: t_u_c
-- order: index
SELECT * FROM t WHERE u_id = $1 ORDER BY c;

-- name: tiebreak_bad
-- uses: t_u_c
-- order: index
SELECT * FROM t WHERE u_id = $1 ORDER BY c DESC, id;
