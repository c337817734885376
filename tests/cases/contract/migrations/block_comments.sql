/*
 * Orders of the shop. Each order has a foreign key to customers.
 * There is no foreign key to invoices, on purpose.
 *
 * Status is one of 'in_progress', 'shipped_out'. See docs/shop_design.md and https://example.com/foo_bar?x_y=1.
 */
CREATE TABLE customers (id bigint PRIMARY KEY, api_key text, name text);
CREATE TABLE shop.orders (
  id bigint PRIMARY KEY,
  customer_id bigint REFERENCES customers, -- foreign key to customers
  invoice_id bigint, -- FK to invoices (billing service)
  state text CONSTRAINT orders_state_chk CHECK (state in ('a','b')),
  total numeric
);

/* Access pattern:
     SELECT ... FROM shop.orders
     WHERE customer_id = :customer
       AND state IN (...)
     ORDER BY id DESC
   Keeps the dashboard fast.
*/
CREATE INDEX ON shop.orders (customer_id, state, id DESC);

/**
 * Queries:
 *   1) Open orders of a customer - uses index orders_state_idx
 *      SELECT o.id
 *        FROM shop.orders o
 *        JOIN customers c ON c.id = o.customer_id
 *       WHERE o.state = :state
 *
 *   2) Count (using index "orders_total" and orders_st):
 *      select count(*) from shop.orders where total > @total
 *      Fast enough.
 *   3) Plain: SELECT 1 FROM customers;
 */
CREATE INDEX orders_state_idx ON shop.orders (state, id);
CREATE INDEX orders_total ON shop.orders (total);
CREATE INDEX orders_st ON shop.orders (state, total);
