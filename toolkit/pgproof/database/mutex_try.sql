-- One attempt to get the migration lock, in a new transaction that stays open: the answer of the last statement.
--
-- READ COMMITTED, because a transaction of another level keeps its snapshot, and CREATE INDEX CONCURRENTLY waits for
-- whoever has one. Never the function that waits, for the same reason: a waiter would keep its snapshot, and nobody
-- could see that the index waits for it. The limits of the role are lifted once the lock is there; until then a short
-- one ends the attempt of a program that was stopped between this and its ROLLBACK. If the machine of the holder
-- vanishes without a word, the server notices within twenty seconds (TCP only).
BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED READ ONLY;
SET LOCAL idle_in_transaction_session_timeout = '10s';
SET LOCAL tcp_keepalives_idle = 5;
SET LOCAL tcp_keepalives_interval = 5;
SET LOCAL tcp_keepalives_count = 3;
SELECT pg_catalog.pg_try_advisory_xact_lock(%(key)s);
