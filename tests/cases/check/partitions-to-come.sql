-- expect: QRY102 of_no_kind
-- Partitions come and go: that there is none yet, or none that fits, says nothing about a query.
CREATE TABLE events (
    id bigint,
    kind text NOT NULL CHECK (kind IN ('a', 'b')),
    at timestamptz NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX events_at ON events (at);
CREATE TABLE hits (id bigint NOT NULL, page text) PARTITION BY HASH (id);
CREATE INDEX hits_id ON hits (id);
CREATE TABLE visits (id bigint NOT NULL, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE visits_2020 PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE INDEX visits_day ON visits (day);
-- file: checks/events.sql
-- name: latest
-- uses: events_at
-- order: index
SELECT * FROM events WHERE at > $1 ORDER BY at DESC;

-- name: of_no_kind
SELECT * FROM events WHERE kind = 'c';

-- name: hit
-- uses: hits_id
SELECT * FROM hits WHERE id = 5;

-- name: add_event
INSERT INTO events (id, kind, at) VALUES (1, 'a', $1);

-- name: visits_of_2030
-- uses: visits_day
SELECT * FROM visits WHERE day >= '2030-01-01' AND day < '2031-01-01';
