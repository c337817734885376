-- expect: CON205 until_2001
-- expect: PLN101 items_of_code
-- expect: QRY102 counted
-- expect: QRY102 no_rate
-- expect: QRY102 no_total
-- expect: QRY102 odd
-- expect: QRY103 divided
-- expect: QRY103 no_title
-- expect: QRY103 wrong_currency
-- What is proved, and what only looks so.
CREATE DOMAIN amount AS numeric NOT NULL CHECK (VALUE > -1000);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    code text NOT NULL UNIQUE,
    total amount,
    currency char(3) CHECK (currency IN ('EUR', 'USD')),
    flags bit(3) CHECK (flags <> B'000'),
    parts integer CHECK (100 / parts > 1),
    due date CHECK (due > CURRENT_DATE),
    state text NOT NULL CHECK (state IN ('new', 'sent')),
    CHECK (total > 0 OR state = 'new')
);
CREATE TABLE items (id integer, order_id integer NOT NULL REFERENCES orders, title text NOT NULL, slug text NOT NULL);
CREATE INDEX items_id_order_id ON items (id, order_id);
CREATE FUNCTION make_slug() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.slug := lower(NEW.title);
    RETURN NEW;
END
$$;
CREATE TRIGGER items_slug BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION make_slug();
-- file: checks/orders.sql
-- name: items_of_code
-- uses: items_id_order_id
SELECT i.* FROM orders AS o JOIN items AS i ON i.order_id = o.id WHERE o.code = $1;

-- name: send
UPDATE orders SET state = 'sent', total = 5, currency = 'EUR', flags = B'101' WHERE id = $1;

-- name: until_2001
UPDATE orders SET due = '2001-01-01' WHERE id = $1;

-- name: add_item
INSERT INTO items (id, order_id, title) VALUES ($1, $2, $3);

-- name: no_title
INSERT INTO items (id, order_id, title) VALUES ($1, $2, NULL);

-- name: divided
UPDATE orders SET parts = 0 WHERE id = $1;

-- name: wrong_currency
UPDATE orders SET currency = 'GBP' /* pounds */ WHERE id = $1;

-- name: no_rate
SELECT * FROM orders WHERE code IS NULL;

-- name: no_total
WITH odd AS (SELECT id FROM items WHERE title IS NULL) SELECT * FROM orders JOIN odd USING (id);

-- name: counted
SELECT count(*) FROM orders WHERE currency = 'GBP';

-- name: odd
SELECT * FROM orders AS a JOIN orders AS b ON a.state = b.state WHERE a.state = 'lost';

-- name: any_state
SELECT * FROM orders WHERE state = $1 AND flags = B'101' AND currency = 'EUR';
