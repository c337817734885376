-- What the application asks of the jobs table, and which index has to serve it.

-- The jobs of one agent, newest first.
-- name: jobs_of_agent :many
-- uses: idx_jobs_agent_id_created_at
-- order: index
SELECT id, job_id, status, created_at
FROM jobs
WHERE agent_id = @agent_id
ORDER BY created_at DESC;

-- A user's jobs in one state, for the dashboard.
-- name: jobs_of_user_by_status :many
-- uses: idx_jobs_user_status_created_at
-- order: index
SELECT id, job_id, agent_id, created_at
FROM jobs
WHERE user_id = @user_id
  AND status = @status
ORDER BY created_at DESC;

-- The ten latest jobs of a user, whatever their state.
-- name: recent_jobs_of_user :many
-- uses: idx_jobs_user_id_created_at
-- order: index
SELECT id, job_id, agent_id, status, created_at
FROM jobs
WHERE user_id = @user_id
ORDER BY created_at DESC
LIMIT 10;

-- What an outside system asks with the identifier that it knows.
-- name: job_by_external_id :one
-- uses: jobs_job_id_key
SELECT id, status, error, started_at, completed_at
FROM jobs
WHERE job_id = @job_id;

-- name: start_job :execrows
-- uses: jobs_pkey
UPDATE jobs
SET status = 'active', started_at = clock_timestamp()
WHERE id = @id
  AND status = 'pending';

-- name: finish_job :execrows
-- uses: jobs_pkey
UPDATE jobs
SET status = 'completed', completed_at = clock_timestamp()
WHERE id = @id
  AND status = 'active';

-- The error is what a person reads; the stack trace goes to the log.
-- name: fail_job :execrows
-- uses: jobs_pkey
UPDATE jobs
SET status = 'failed', completed_at = clock_timestamp(), error = @error
WHERE id = @id
  AND status = 'active';
