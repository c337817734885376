-- Copyright: nobody
-- See https://example.com: prose with a colon.

-- name: GetAuthor :one
-- uses: authors_pkey
SELECT * FROM authors WHERE id = $1 LIMIT 1;

/* name: ListAuthors :many */
SELECT sqlc.embed(authors), name FROM authors
WHERE name = sqlc.arg(name) AND (bio = sqlc.narg('bio') OR born > @born::date) AND nick = @name
ORDER BY name;

-- Note: prose is fine here
-- uses: authors_name_idx and "Odd Name's", s.authors_born_idx s."näme"
-- order: index
-- params: $1::text[], born::timestamp(3)
-- because: the list is the start page
-- name: authors_born
SELECT * -- uses: nothing, this is within
FROM authors WHERE born = $2 and name = any($1) ORDER BY born

-- name: CreateTable :exec
CREATE TABLE more (id int);
