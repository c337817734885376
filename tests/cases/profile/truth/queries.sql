-- What else may be asked of the shipped schema: joins, aggregates, ranges, sub-queries (tests/explain/test_truth.py).

-- name: jobs_with_agent
SELECT j.id, a.name FROM jobs AS j JOIN agents AS a ON a.id = j.agent_id WHERE j.user_id = $1;

-- name: jobs_of_agent_called
SELECT j.* FROM jobs AS j JOIN agents AS a ON a.id = j.agent_id WHERE a.name = $1;

-- name: all_jobs_with_agents
SELECT j.id, a.name FROM jobs AS j JOIN agents AS a ON a.id = j.agent_id;

-- name: jobs_by_status
SELECT status, count(*) FROM jobs GROUP BY status;

-- name: jobs_by_user
SELECT user_id, count(*) FROM jobs GROUP BY user_id;

-- name: busiest_agents
SELECT agent_id, count(*) FROM jobs GROUP BY agent_id ORDER BY count(*) DESC LIMIT 10;

-- name: latest_of_each_user
SELECT DISTINCT ON (user_id) user_id, id, created_at FROM jobs ORDER BY user_id, created_at DESC;

-- name: pending_jobs
SELECT id FROM jobs WHERE status = 'pending';

-- name: completed_jobs
SELECT id FROM jobs WHERE status = 'completed';

-- name: jobs_in_two_states
SELECT id FROM jobs WHERE status IN ('active', 'paused') AND user_id = $1;

-- name: jobs_since
SELECT id FROM jobs WHERE created_at > $1;

-- name: jobs_of_agent_since
SELECT id FROM jobs WHERE agent_id = $1 AND created_at > $2 ORDER BY created_at DESC;

-- name: jobs_of_users
SELECT id FROM jobs WHERE user_id = ANY ($1::uuid[]);

-- name: newest_jobs
SELECT id FROM jobs ORDER BY created_at DESC LIMIT 10;

-- name: idle_agents
SELECT a.id FROM agents AS a WHERE NOT EXISTS (SELECT FROM jobs AS j WHERE j.agent_id = a.id);

-- name: agents_of_user
SELECT a.name FROM agents AS a WHERE a.id IN (SELECT j.agent_id FROM jobs AS j WHERE j.user_id = $1);

-- name: newest_job_of_each_agent
SELECT a.name, l.id FROM agents AS a
CROSS JOIN LATERAL (SELECT j.id FROM jobs AS j WHERE j.agent_id = a.id ORDER BY j.created_at DESC LIMIT 1) AS l;

-- name: number_of_jobs
SELECT count(*) FROM jobs;

-- name: number_of_users
SELECT count(DISTINCT user_id) FROM jobs;

-- name: jobs_with_errors
SELECT id, error FROM jobs WHERE error IS NOT NULL;

-- name: jobs_not_begun
SELECT id FROM jobs WHERE started_at IS NULL;

-- name: pause_user
UPDATE jobs SET status = 'paused' WHERE user_id = $1 AND status = 'pending';

-- name: forget_agent
DELETE FROM agents WHERE id = $1;

-- name: pairs_of_jobs
SELECT x.id, y.id FROM jobs AS x JOIN jobs AS y ON y.user_id = x.user_id AND y.id <> x.id WHERE x.agent_id = $1;
