-- expect: PLN101 by_kind
CREATE TABLE events (id bigint, kind text NOT NULL, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE INDEX events_kind_at ON events (kind, at);
CREATE INDEX events_at ON events (at);
-- file: checks/events.sql
-- name: latest_events
-- uses: events_at
-- order: index
SELECT * FROM events ORDER BY at DESC LIMIT 50;

-- name: events_of_kind
-- uses: events_kind_at
-- order: index
SELECT * FROM events WHERE kind = $1 ORDER BY at;

-- name: by_kind
-- uses: events_at
SELECT * FROM events WHERE kind = $1;
