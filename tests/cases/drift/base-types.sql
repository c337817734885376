CREATE SCHEMA s
-- to
CREATE SCHEMA s;
CREATE TYPE s.whole;
CREATE FUNCTION s.whole_in(cstring) RETURNS s.whole LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION s.whole_out(s.whole) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE FUNCTION s.whole_send(s.whole) RETURNS bytea LANGUAGE internal IMMUTABLE STRICT AS 'int4send';
CREATE TYPE s.whole (INPUT = s.whole_in, OUTPUT = s.whole_out, SEND = s.whole_send, LIKE = int4, DEFAULT = '7', CATEGORY = 'W', PREFERRED = true);
CREATE TYPE s.words;
CREATE FUNCTION s.words_in(cstring) RETURNS s.words LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION s.words_out(s.words) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE s.words (INPUT = s.words_in, OUTPUT = s.words_out, COLLATABLE = true, STORAGE = main, DELIMITER = ';');
COMMENT ON TYPE s.words IS 'words';
CREATE TYPE s.nothing_yet;
CREATE DOMAIN of_whole AS s.whole;
CREATE TABLE t (a s.whole DEFAULT '3', b s.words[], c of_whole);
CREATE FUNCTION of_words(s.words) RETURNS s.whole LANGUAGE sql AS $$SELECT '1'::s.whole$$;
CREATE CAST (s.words AS s.whole) WITH FUNCTION of_words(s.words)
