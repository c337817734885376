CREATE TABLE jobs (id integer PRIMARY KEY, agent_id integer, status text, created_at timestamptz);
CREATE INDEX idx_jobs_agent_created ON jobs (agent_id, created_at);

-- Common queries:
-- 1. The latest jobs of an agent (uses idx_jobs_agent_created):
--    rows: <= 10
--    no: seq scan, sort
--    SELECT id FROM jobs WHERE agent_id = ? ORDER BY created_at DESC LIMIT 10;
-- 2. One job:
--    SELECT * FROM jobs WHERE id = ?;
--    returns: id int, agent_id int, status text, created_at timestamptz
--    cost: grows <= constantly, or so we hope
--    rows: as many as there are
-- 3. Two statements, so that nobody knows which is meant:
--    SELECT * FROM jobs WHERE status = ?;
--    DELETE FROM jobs WHERE status = ?;
--    rows: <= 5
-- 4. Promises that do not fit the query:
--    serves: filter
--    SELECT * FROM jobs WHERE status = ? AND id > 5;

-- rows: <= 7
-- Nothing is promised by a line that stands alone.
CREATE INDEX idx_jobs_status ON jobs (status);
