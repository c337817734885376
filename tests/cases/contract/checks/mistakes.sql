SELECT 1;
-- name: authors
-- use: authors_name_idx
-- oder: index
-- index: authors_name_idx
-- owner: billing
-- user: the person who asks
SELECT * FROM authors;
SELECT 2;

-- uses: nowhere
-- name: authors
-- uses: "Odd, ok_idx, a-b
-- order: desc
-- params: nam::uuid, name, name::no type, $2::int
SELECT * FROM authors WHERE name = :name;

-- name: 9bad
SELECT 1;
-- name:
SELECT 1;
-- name: empty
-- name: unordered
-- order: index
SELECT 'é' FROM authors;
-- name: broken
SELECT 'é' fro m authors where a = :p;
-- uses: late_idx

-- name: no_plan
-- uses: authors_name_idx
VACUUM authors;

-- because: nobody asked
