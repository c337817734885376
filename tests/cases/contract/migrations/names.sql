-- migrate:up transaction:false
-- The index visits_pateint_idx is hot, and so is ix_visits_day. Constraint visits_room_chck is checked late.
-- Table visits, column "patient_id", column `day`, clinic.visits, visits.rom, doctors.email, public.doctors.
-- The patient_id column of the visits table; index patient_id for speed; an index on room_number.
-- Both "visits_day_key" and visits_room_check; health_check and page_index are words, Visits_Day_Idx is a name.
-- pgproof: ignore DOC101 because idx_never_there is discussed elsewhere
-- See docs/visit_notes.md, visit_notes.py, https://example.com/a_b_c, ops@my_host.org and ./run_all_checks.
-- Calls gen_random_uuid() and nightly_job(now()); WORK_MEM and CURRENT_TIMESTAMP; 'in_waiting' or "waiting".
-- idx_visits_* and idx_<table>_day and {{ table_name }} and $some_value and @some_param and --some_option=1.
-- Renamed from idx_visits_old. TODO: add index idx_visits_soon. Formerly visits_legacy_idx.
-- pg_stat_activity and text_pattern_ops are PostgreSQL's; e.g. idx_visits_example.
-- Was visits_room_old_idx once: files above dropped it. Then: a.b, e.g., v1.2 and i.e. nothing.
CREATE TABLE clinic.visits (id bigint PRIMARY KEY, patient_id bigint, room_number int, day date UNIQUE);
CREATE TABLE doctors (id bigint PRIMARY KEY, email text);
CREATE INDEX visits_room_old_idx ON clinic.visits (room_number);
DROP INDEX visits_room_old_idx;
CREATE INDEX visits_patient_idx ON clinic.visits (patient_id);
