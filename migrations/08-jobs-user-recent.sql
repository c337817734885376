-- The recent jobs of a user, newest first, whatever their status.
--
-- idx_jobs_user_status_created_at cannot give that order, since status stands between user_id and created_at.
-- Built CONCURRENTLY, so that jobs stays readable and writable meanwhile; this cannot run in a transaction.

-- migrate:up transaction:false
-- Query pattern: WHERE user_id = ? ORDER BY created_at DESC LIMIT 10
CREATE INDEX CONCURRENTLY idx_jobs_user_id_created_at ON jobs (user_id, created_at DESC);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY idx_jobs_user_id_created_at;
