CREATE TABLE posts (id bigint PRIMARY KEY, author bigint, slug text, body text, posted date);
CREATE INDEX posts_author_posted ON posts (author, posted DESC);
CREATE UNIQUE INDEX uq_posts_slug ON posts (slug);

-- What the blog asks:
--
-- 1. Posts of an author (uses posts_author_posted):
--    SELECT id, slug
--    FROM posts
--    WHERE author = $1
--    ORDER BY posted DESC;
--
-- 2. By address. It's the hot one. Served by uq_posts_slug:
-- SELECT * FROM posts WHERE slug = ?
-- 3: SELECT * FROM posts WHERE id = %(id)s; -- uses posts_pkey
-- 4) Two steps (uses posts_pkey, then writes)
--    UPDATE posts SET body = $1 WHERE id = $2; DELETE FROM posts WHERE id = $2
-- 5. By either (uses posts_pkey and uq_posts_slug)
--    by id:
--      SELECT * FROM posts WHERE id = @id
--    by address, uses uq_posts_slug
--      SELECT * FROM posts WHERE slug = @slug
-- 6. Latest
--    SELECT * FROM (SELECT * FROM posts ORDER BY posted) p LIMIT 1;
--    Uses index posts_author_posted.
-- 7. A word with a semicolon in it:
--    INSERT INTO posts (slug, body)
--    VALUES (:slug, 'it''s; fine -- really')
--    ON CONFLICT DO NOTHING

-- Another list.
-- 1. Again
--    DELETE FROM posts WHERE id = ?;
-- - Bullet one (uses posts_pkey): DELETE FROM posts WHERE id = 5;
-- * Bullet two
--   SELECT 1 FROM posts;

-- The front page uses posts_author_posted:
-- SELECT * FROM posts WHERE author = 1
--   ORDER BY posted DESC

-- The front page does not use posts_author_posted:
-- SELECT * FROM posts WHERE author = 2

-- SELECT * FROM posts WHERE author = 3;  -- uses posts_author_posted
-- SELECT * FROM posts WHERE author = 4;

-- 8. An item whose statement
--    stands in the next paragraph (uses posts_pkey)

--    SELECT body FROM posts WHERE id = :id

-- 9. Broken (uses uq_posts_slug)
--    SELECT id FROM posts WHERE slug = ORDER BY;
-- 10. Broken, but nothing is claimed of it
--    SELECT id FROM posts WHERE slug = ORDER BY;
