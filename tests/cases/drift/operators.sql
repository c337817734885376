CREATE SCHEMA s
-- to
CREATE SCHEMA s;
CREATE TYPE s.pair AS (a int, b int);
CREATE FUNCTION s.lt(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a < $2.a';
CREATE FUNCTION s.gt(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a > $2.a';
CREATE FUNCTION s.eq(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a';
CREATE FUNCTION s.ne(s.pair, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a <> $2.a';
CREATE FUNCTION s.is_int(s.pair, int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2';
CREATE FUNCTION s.int_is(int, s.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2.a';
CREATE FUNCTION s.away(s.pair, s.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT abs($1.a - $2.a)';
CREATE FUNCTION s.turned(s.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT -$1.a';
CREATE FUNCTION s.cmp(s.pair, s.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.a - $2.a';
CREATE FUNCTION s.cmp(s.pair, int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.a - $2';
CREATE FUNCTION s.hashed(s.pair) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1.a';
CREATE OPERATOR s.< (LEFTARG = s.pair, RIGHTARG = s.pair, FUNCTION = s.lt, COMMUTATOR = OPERATOR(s.>), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR s.> (LEFTARG = s.pair, RIGHTARG = s.pair, FUNCTION = s.gt, COMMUTATOR = OPERATOR(s.<));
CREATE OPERATOR s.= (LEFTARG = s.pair, RIGHTARG = s.pair, FUNCTION = s.eq, COMMUTATOR = OPERATOR(s.=), NEGATOR = OPERATOR(s.<>), HASHES, MERGES);
CREATE OPERATOR s.<> (LEFTARG = s.pair, RIGHTARG = s.pair, FUNCTION = s.ne, NEGATOR = OPERATOR(s.=));
CREATE OPERATOR s.= (LEFTARG = s.pair, RIGHTARG = int, FUNCTION = s.is_int, COMMUTATOR = OPERATOR(s.=));
CREATE OPERATOR s.= (LEFTARG = int, RIGHTARG = s.pair, FUNCTION = s.int_is, COMMUTATOR = OPERATOR(s.=));
CREATE OPERATOR s.<-> (LEFTARG = s.pair, RIGHTARG = s.pair, FUNCTION = s.away);
CREATE OPERATOR s.!! (RIGHTARG = s.pair, FUNCTION = s.turned);
COMMENT ON OPERATOR s.!! (NONE, s.pair) IS 'turned';
CREATE OPERATOR FAMILY s.pairs USING btree;
CREATE OPERATOR CLASS s."Pairs" DEFAULT FOR TYPE s.pair USING btree FAMILY s.pairs AS
    OPERATOR 1 s.<, OPERATOR 3 s.=, OPERATOR 5 s.>, FUNCTION 1 s.cmp(s.pair, s.pair);
ALTER OPERATOR FAMILY s.pairs USING btree ADD OPERATOR 3 s.= (s.pair, int), FUNCTION 1 (s.pair, int) s.cmp(s.pair, int);
CREATE OPERATOR CLASS s.hashing FOR TYPE s.pair USING hash AS OPERATOR 1 s.=, FUNCTION 1 s.hashed(s.pair);
CREATE OPERATOR CLASS s.nothing FOR TYPE s.pair USING gin AS STORAGE int;
CREATE OPERATOR FAMILY s.far USING gist;
ALTER OPERATOR FAMILY s.far USING gist ADD OPERATOR 15 s.<-> (s.pair, s.pair) FOR ORDER BY integer_ops;
ALTER OPERATOR FAMILY integer_ops USING btree ADD OPERATOR 3 s.= (int, s.pair);
COMMENT ON OPERATOR CLASS s.hashing USING hash IS 'of hashes';
CREATE TABLE t (a s.pair);
CREATE INDEX by_pair ON t (a);
CREATE CAST (text AS s.pair) WITH INOUT;
CREATE TYPE s.many AS RANGE (SUBTYPE = s.pair)
