-- Findings that stay, and why. The text of an applied migration cannot change: its checksum is in the history
-- of every database that ran it. What was wrong in it is put right by what came after.

-- accept: DOC101 idx_jobs_agent_id
-- because: the comment of an applied migration cannot change; it means idx_jobs_agent_id_created_at, which
--   jobs_of_agent in jobs.sql holds to its promise

-- accept: QRY102 07-jobs#2
-- because: the comment of an applied migration cannot change; jobs that run are called 'active', as
--   jobs_of_user_by_status and start_job in jobs.sql have it

-- accept: PLN102 07-jobs#3
-- because: the comment of an applied migration cannot change; 08-jobs-user-recent.sql adds the index that gives
--   this order, and recent_jobs_of_user in jobs.sql holds it to that

-- accept: QRY103 07-jobs#4.1
-- because: the comment of an applied migration cannot change; start_job in jobs.sql is how a job begins

-- accept: DOC102 jobs.user_id
-- because: users live in another service's database, so no foreign key can refer to them; the comment says more
--   than it means

-- accept: CON206 07-jobs#4.1
-- because: the comment of an applied migration cannot change; start_job in jobs.sql writes the time of the clock

-- accept: CON206 07-jobs#4.2
-- because: the comment of an applied migration cannot change; finish_job and fail_job in jobs.sql write the time of
--   the clock
