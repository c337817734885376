-- Takes the recorder of DDL away, with all that it has recorded.
DROP EVENT TRIGGER IF EXISTS pgproof_watch;
DROP EVENT TRIGGER IF EXISTS pgproof_watch_drops;
DROP FUNCTION IF EXISTS pgproof.record_ddl();
DROP TABLE IF EXISTS pgproof.ddl;
