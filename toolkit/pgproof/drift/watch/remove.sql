-- Takes the recorder of DDL away, with all that it has recorded; the schema, too, if nothing else is in it.
DROP EVENT TRIGGER IF EXISTS pgproof_watch;
DROP EVENT TRIGGER IF EXISTS pgproof_watch_drops;
DROP FUNCTION IF EXISTS pgproof.record_ddl();
DROP TABLE IF EXISTS pgproof.ddl;
DO $schema$
BEGIN
    DROP SCHEMA IF EXISTS pgproof;
EXCEPTION
    WHEN dependent_objects_still_exist THEN NULL;
END
$schema$;
