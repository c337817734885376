CREATE TABLE "Slots" (id bigint PRIMARY KEY, "ProviderId" bigint, "StartTime" timestamptz, "IsBooked" boolean);
CREATE TABLE fills (id bigint, wallet text, filled_at timestamptz, state text, amount numeric);

-- Supports query: SELECT * FROM "Slots" WHERE "ProviderId" = ? AND "StartTime" BETWEEN ... AND "IsBooked" = false
-- Called by IX_Slots_ProviderId_StartTime, as IX_Slots_Providr shows.
CREATE INDEX "IX_Slots_ProviderId_StartTime" ON "Slots" ("ProviderId", "StartTime");

-- Query pattern: SELECT DISTINCT wallet WHERE filled_at >= $cutoff
-- Leading with filled_at lets the planner scan a small range.
CREATE INDEX CONCURRENTLY fills_at ON fills (filled_at DESC, wallet);

-- Used by: dashboard.ts
-- Query pattern: WHERE wallet = $w AND filled_at >= $cutoff AND state IN ('open', 'done', ...)
CREATE INDEX fills_wallet ON fills (wallet, filled_at DESC, state);
    -- Query pattern: WHERE wallet = ?   (written against the index above, so not of the one below)

CREATE INDEX fills_state ON fills (state);

-- Query pattern: SELECT * FROM fills
--                WHERE wallet = X AND state = <state> AND amount > {amount} AND id < ${id}
--                ORDER BY filled_at DESC;
-- Current performance: 3000 ms (returns 100K+ rows unbounded)
CREATE INDEX fills_wallet_state ON fills (wallet, state, filled_at);

-- Query patterns:
--   WHERE amount = ?
--   WHERE id = ?
CREATE INDEX fills_amount ON fills (amount);
CREATE INDEX fills_id ON fills (id);

-- Query patterns: latest fills of a wallet, all states
CREATE INDEX fills_latest ON fills (wallet, id);

-- Query patterns:
-- "What happened to fill X?"
CREATE INDEX fills_what ON fills (id, state);

/*
-- The fills of a wallet (uses fills_wallet)
-- This is the page that people wait for.
SELECT
    id,
    amount
FROM fills
WHERE wallet = $1
  AND filled_at > NOW() - INTERVAL '1 day'
ORDER BY filled_at DESC;

-- Whether there is one (uses fills_id)
SELECT EXISTS (
    SELECT 1 FROM fills WHERE id = $1
);
*/
