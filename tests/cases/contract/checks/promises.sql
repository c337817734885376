-- Returns: the jobs of an agent. (Prose, as are the next three.)
-- returns: a list of jobs
-- Rows: as many as there are
-- at: the beginning
-- name: kept :many
-- uses: jobs_agent
-- serves: filter, order, All Columns
-- no: Seq Scans, hash join on j, "sort"
-- rows: < 1_000
-- cost: grows <= logarithmic
-- params: @agent::uuid, status='it''s, active', since='2026-01-01'::date, rare
-- generic
-- at: jobs=1e8
-- returns: id uuid, "At, now" timestamptz, total numeric(10, 2)
-- because: it is the start page
SELECT * FROM jobs AS j WHERE agent = @agent AND status = :status AND at > @since ORDER BY at;

-- name: mistaken
-- uses: jobs_agent
-- serves: filter, ordering, everything
-- no: seq scam, teleport
-- rows: few
-- rows: <= 5
-- cost: grows <= logs
-- params: $1=now(), $2=7, $1=, $1=-5::int, medium
-- custom
-- generic
-- at: job=1e8, jobs=many
-- returns: id, total no such, at timestamptz
-- return: id uuid
-- row: <= 5
SELECT * FROM jobs WHERE id = $1;

-- name: without_index
-- serves: all columns
-- no:
SELECT * FROM jobs;

-- name: custom_without_values
-- custom
SELECT * FROM jobs WHERE id = :id;

-- name: custom_for_rare_values
-- custom
-- params: rare
SELECT * FROM jobs WHERE id = :id;

-- name: refused
-- fails: 23514 jobs_status_chk
-- params: id='1'
INSERT INTO jobs (id) VALUES (1);
UPDATE jobs SET status = 'x' WHERE id = @id;

-- name: refused_somehow
-- fails: always
UPDATE jobs SET status = 'x';

-- name: fails_and_succeeds
-- fails: 23514
-- succeeds
UPDATE jobs SET status = 'x';

-- name: needs_a_value
-- succeeds
UPDATE jobs SET status = $1;

-- name: commits
-- succeeds
BEGIN;
UPDATE jobs SET status = 'x';

-- name: makes_a_table
-- succeeds
CREATE TABLE more (id integer);
