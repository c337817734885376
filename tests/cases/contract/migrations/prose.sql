-- Carts. Nothing in this file promises a query.
--
-- 1. Select the rows that are older than a day.
-- 2. Update statistics afterwards; then select users.
-- 3. Delete from cart
-- 4. Insert carefully (uses caching, not magic).
-- 5. With the usual caveats from the set of rules (uses item_id)
-- 6. Values are in cents
-- 7. Select all
-- - select active users
-- - Create the index later (using the planner)
--
-- Query pattern: see above
-- Query patterns: none. WHERE clauses vary.
-- Query: "how many carts?"
CREATE TABLE cart (id bigint PRIMARY KEY, item_id bigint);

-- Example:
--   SELECT * FROM cart WHERE item_id = 5;
-- Old code, kept for reference:
-- UPDATE cart SET item_id = 6 WHERE id = 1;
-- CREATE INDEX cart_old_idx ON cart (gone_id);
CREATE INDEX cart_item_idx ON cart (item_id);

DO $$
BEGIN
  -- 1. Inside a body (uses nothing_at_all)
  --    SELECT * FROM cart;
  NULL;
END $$;
SELECT '-- 1. In a string (uses nothing_at_all)
-- SELECT * FROM cart;';
