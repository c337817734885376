-- expect: DOC101 buyers.orders.colour
-- expect: PLN101 wrong
CREATE SCHEMA sellers;
CREATE SCHEMA buyers;
CREATE TABLE sellers.orders (id integer PRIMARY KEY, seller integer);
CREATE TABLE buyers.orders (id integer PRIMARY KEY, buyer integer, color text);
CREATE INDEX orders_of ON sellers.orders (seller);
CREATE INDEX orders_of ON buyers.orders (buyer);
-- See sellers.orders.seller, buyers.orders.buyer and buyers.orders.colour.
-- We considered an index idx_orders_color, but decided against it. The plan was then:
--  Index Scan using orders_of on orders  (cost=0.15..8.17 rows=1 width=40)
--    Index Cond: (buyer = 1)
-- SELECT count(*) FROM buyers.orders;
-- file: checks/orders.sql
-- name: of_seller
-- uses: orders_of
SELECT * FROM sellers.orders WHERE seller = $1;

-- name: of_buyer
-- uses: orders_of
SELECT * FROM buyers.orders WHERE buyer = $1;

-- name: wrong
-- uses: orders_of
SELECT * FROM buyers.orders WHERE color = $1;
