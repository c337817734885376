-- expect: PLN101 by_prefix
-- A plain index serves LIKE only under collation C, which production rarely has; one with text_pattern_ops always.
CREATE TABLE words (id integer PRIMARY KEY, word text NOT NULL);
CREATE INDEX words_word ON words (word);
CREATE INDEX words_pattern ON words (word text_pattern_ops);
-- file: checks/words.sql
-- name: by_prefix
-- uses: words_word
SELECT * FROM words WHERE word LIKE 'pre%';

-- name: by_prefix_right
-- uses: words_pattern
SELECT * FROM words WHERE word LIKE 'pre%';
