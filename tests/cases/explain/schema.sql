CREATE TABLE agents (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE jobs (
    id int PRIMARY KEY,
    agent_id int REFERENCES agents (id),
    state text NOT NULL CHECK (state IN ('open', 'done')),
    made timestamptz NOT NULL,
    tags text[]
);
CREATE INDEX jobs_agent ON jobs (agent_id, made);
CREATE INDEX jobs_state ON jobs (state);
CREATE INDEX jobs_tags ON jobs USING gin (tags);
CREATE TABLE events (at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX ON events (at);
INSERT INTO agents SELECT i, 'agent ' || i FROM generate_series(1, 500) AS i;
INSERT INTO jobs SELECT i, i % 500 + 1, CASE WHEN i % 50 = 0 THEN 'open' ELSE 'done' END,
                        timestamptz '2025-01-01 UTC' + i * interval '1 minute', '{a}' FROM generate_series(1, 20000) AS i;
INSERT INTO events SELECT date '2025-01-01' + i % 700, 'x' FROM generate_series(1, 7000) AS i;
VACUUM ANALYZE agents, jobs, events;
