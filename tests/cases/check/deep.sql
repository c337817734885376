-- expect: CAT108 sums_deep
-- expect: CON101 sums.sums_gone_chk ?
-- expect: PLN102 deep_order
-- expect: QRY102 negative
-- Expressions that stand in each other some hundred times are more than the reader can follow, but not the server.
CREATE TABLE sums (
    id integer PRIMARY KEY,
    a integer,
    CONSTRAINT sums_gone_chk CHECK (a <> 7),
    CONSTRAINT sums_a_chk CHECK (a >= 0)
);
ALTER TABLE sums DROP CONSTRAINT sums_gone_chk, ADD CONSTRAINT sums_deep_chk CHECK (
    a + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1
      + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 > 3
);
CREATE INDEX sums_deep ON sums ((
    a + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1
      + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1
));
-- file: checks/sums.sql
-- name: negative
SELECT * FROM sums WHERE a < 0;

-- name: by_a
-- uses: sums_pkey
SELECT * FROM sums WHERE id = $1;

-- name: deep_order
-- uses: sums_pkey
-- order: index
SELECT * FROM sums WHERE id = 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1
    + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1
ORDER BY a;

-- name: add
INSERT INTO sums (id, a) VALUES (1, 5);
