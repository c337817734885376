-- expect: DOC101 orders_by_customer
-- expect: DOC102 orders.warehouse_id
-- expect: PLN101 by_day
-- expect: PLN102 last_orders
-- expect: PLN103 01-case#orders_customer
-- expect: PLN104 by_email
-- expect: QRY101 no_such_column
-- expect: QRY101 no_type ?
-- expect: QRY102 gold_customers
-- expect: QRY102 impossible
-- expect: QRY102 negative
-- expect: QRY103 discount
-- expect: QRY103 free_of_plan
-- expect: QRY103 make_gold
-- expect: QRY103 no_customer
-- Orders have foreign keys to the customer and the warehouse.
CREATE TABLE customers (
    id integer PRIMARY KEY,
    email text,
    plan text NOT NULL DEFAULT 'free' CONSTRAINT customers_plan_chk CHECK (plan = 'free' OR plan = 'pro')
);
CREATE TABLE orders (
    id integer PRIMARY KEY,
    customer_id integer NOT NULL REFERENCES customers (id),
    warehouse_id integer,
    total numeric NOT NULL CONSTRAINT orders_total_chk CHECK (total >= 0 AND total < 1000000),
    placed_at timestamptz NOT NULL DEFAULT now()
);
/*
 * The page of a customer is served by the index orders_by_customer.
 *
 * Query pattern: WHERE customer_id = ? AND total > ? ORDER BY placed_at DESC
 */
CREATE INDEX orders_customer ON orders (customer_id, placed_at DESC);
CREATE INDEX orders_customer_total ON orders (customer_id, total);
-- file: checks/shop.sql
-- name: by_day
-- uses: orders_customer
SELECT id FROM orders WHERE placed_at >= $1;

-- name: last_orders
-- uses: orders_customer_total
-- order: index
SELECT id FROM orders WHERE customer_id = $1 ORDER BY placed_at DESC LIMIT 5;

-- name: by_email
-- uses: customers_email
SELECT id FROM customers WHERE email = $1;

-- name: no_such_column
SELECT phone FROM customers;

-- name: no_type
SELECT $1 IS NULL;

-- name: gold_customers
SELECT * FROM customers WHERE plan = 'gold' AND email LIKE $1;

-- name: negative
UPDATE orders SET placed_at = now() WHERE total < 0;

-- name: impossible
SELECT * FROM customers WHERE id = $1 AND id IS NULL;

-- name: make_gold
UPDATE customers SET plan = 'gold' WHERE id = $1;

-- name: discount
INSERT INTO orders (id, customer_id, total) VALUES ($1, $2, -5);

-- name: free_of_plan
UPDATE customers SET plan = NULL WHERE id = $1;

-- name: no_customer
INSERT INTO orders (id, total) VALUES ($1, $2);
