-- Fills the shipped schema as truth.toml has it: 1000000 jobs of 1/100 as many agents and 1/20 as many users, one of
-- whom has two in a hundred. Keys are spread evenly over all UUIDs, as random ones are; the hot one and a rare one are
-- those that plans at size are asked about.
CREATE FUNCTION pg_temp.key(number bigint, total bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(number * 4294967295 / total), 8, '0') || substr(md5(number::text), 9))::uuid
$$;
SELECT setseed(0.5);
ALTER TABLE jobs DISABLE TRIGGER USER;
INSERT INTO agents (id, name)
SELECT pg_temp.key(n, 1000000 / 100), md5(n::text)
  FROM generate_series(1, 1000000 / 100) AS n;
INSERT INTO jobs (id, job_id, agent_id, user_id, status, error, created_at, started_at, completed_at, updated_at)
SELECT md5('job ' || n)::uuid,
       md5('outside ' || n),
       pg_temp.key(1 + floor(random() * (1000000 / 100))::int, 1000000 / 100),
       CASE WHEN random() < 0.02 THEN '8147ae14-7ae1-47ae-147a-e147ae147ae0'
            ELSE pg_temp.key(1 + floor(random() * (1000000 / 20))::int, 1000000 / 20) END,
       status,
       CASE WHEN random() < 0.05 THEN md5('error ' || n) END,
       at,
       CASE WHEN n % 1000 >= 37 THEN at + interval '1 second' END,
       CASE WHEN n % 1000 >= 50 THEN at + interval '30 seconds' END,
       at + interval '40 seconds'
  FROM (SELECT n,
               now() - interval '700 days' * (1 - n / 1000000.0) AS at,
               CASE WHEN dice < 0.90 THEN 'completed' WHEN dice < 0.95 THEN 'failed' WHEN dice < 0.98 THEN 'pending'
                    WHEN dice < 0.99 THEN 'active' WHEN dice < 0.997 THEN 'delayed' ELSE 'paused' END AS status
          FROM (SELECT n, random() AS dice FROM generate_series(1, 1000000) AS n) AS drawn) AS made;
