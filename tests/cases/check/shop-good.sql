-- A shop. Orders belong to customers by a foreign key on customer_id; there is no foreign key to the warehouse.
CREATE SCHEMA shop;
CREATE TABLE shop.customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    plan text NOT NULL DEFAULT 'free' CONSTRAINT customers_plan_chk CHECK (plan IN ('free', 'pro'))
);
CREATE UNIQUE INDEX customers_email_lower ON shop.customers (lower(email));
CREATE TABLE shop.orders (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES shop.customers ON DELETE RESTRICT,
    warehouse_id integer NOT NULL,
    total numeric(12, 2) NOT NULL CHECK (total >= 0),
    paid boolean NOT NULL DEFAULT false,
    placed_at timestamptz NOT NULL DEFAULT now()
);
-- Query pattern: WHERE customer_id = $1 AND placed_at >= $2 ORDER BY placed_at
CREATE INDEX orders_customer_placed ON shop.orders (customer_id, placed_at);
-- Only what is still owed; used by the dunning run (uses orders_unpaid)
CREATE INDEX orders_unpaid ON shop.orders (placed_at) WHERE NOT paid;
-- file: checks/shop.sql
-- name: customer_by_email :one
-- uses: customers_email_lower
SELECT * FROM shop.customers WHERE lower(email) = lower(:email);

-- name: owed :many
-- uses: shop.orders_unpaid
-- order: index
SELECT * FROM shop.orders WHERE NOT paid ORDER BY placed_at;

-- name: orders_of_plan :many
-- uses: orders_customer_placed
SELECT o.* FROM shop.orders AS o JOIN shop.customers AS c ON c.id = o.customer_id WHERE c.id = @id AND c.plan = 'pro';

-- name: new_customer :one
INSERT INTO shop.customers (email, plan) VALUES (:email, 'pro'), (:other, DEFAULT) RETURNING id;

-- name: totals :many
SELECT customer_id, sum(total) FROM shop.orders WHERE placed_at > $1 GROUP BY customer_id;
