-- expect: DOC103 PLN101 nothing
-- expect: QRY102 late
CREATE TABLE doors (id integer PRIMARY KEY, state text CHECK (state IN ('open', 'shut')));
-- file: checks/doors.sql
-- name: early
SELECT * FROM doors WHERE state = 'closed';

-- name: late
SELECT * FROM doors WHERE state = 'ajar';
-- file: checks/accepted.sql
-- accept: query-never-matches early
-- because: the old client still sends it
-- until: 2026-02-01

-- accept: QRY102 late
-- because: the old client still sends it
-- until: 2026-01-14

-- accept: PLN101 nothing
-- because: it was there once
