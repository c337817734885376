CREATE TABLE events (id bigint, kind text, actor uuid, at timestamptz, payload jsonb);

-- Query patterns:
--   * WHERE kind = ?
--   * WHERE kind = 'login' ORDER BY at
-- Everything else scans.
CREATE INDEX CONCURRENTLY events_kind_at ON events (kind, at);

-- Query pattern: actor = ? AND at > ?
CREATE INDEX events_actor_at ON events (actor, at);

-- query pattern: where clauses on kind and actor
CREATE INDEX events_kind_actor ON events (kind, actor);

-- Query pattern: WHERE kind = ? AND
--                at > ?
--                ORDER BY at. Nice and quick.
CREATE UNIQUE INDEX events_kind_at_id ON events (kind, at, id);

-- PATTERN => where payload ? 'user' and kind = $1 limit 5
create index events_payload on events using gin (payload);

-- Common query pattern: WHERE at >= %(since)s AND at < %(until)s AND kind = %(kind)s OR kind = %(kind)s
-- and this line is prose
-- AND actor IS NOT NULL
CREATE INDEX events_at ON events (at);

-- Query: WITH recent AS (SELECT * FROM events WHERE at > :since) SELECT * FROM recent ORDER BY at LIMIT 3;
-- Query pattern: WHERE kind = ? AND (at > ?
CREATE INDEX events_recent ON events (at DESC);

-- Query pattern: WHERE id = ?   (above another statement, so nobody promises anything)
ALTER TABLE events ADD COLUMN note text;

-- Query pattern: WHERE note = ?

-- Too far away: a block of its own lies between the pattern and the index.
CREATE INDEX events_note ON events (note);

CREATE INDEX "Events Odd" ON "events" ("kind"); -- Query pattern: WHERE kind = ?
