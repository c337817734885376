-- expect: CAT107 visits_room_too
-- expect: CAT108 visits_room_too
-- expect: PLN110 comes_back
-- expect: PLN110 of_one_partition ?
-- A promise whose index comes back when it is dropped stays green, so it is empty; one of an index with an equal one beside
-- it, and one of a partitioned table's, turn red. That of a partition's own index cannot be tried: its table's needs it.
CREATE TABLE visits (id integer PRIMARY KEY, guest_id integer, room_id integer);
CREATE INDEX visits_guest ON visits (guest_id);
CREATE INDEX visits_room ON visits (room_id);
CREATE INDEX visits_room_too ON visits (room_id);
CREATE TABLE stays (id integer, room_id integer) PARTITION BY RANGE (id);
CREATE TABLE stays_1 PARTITION OF stays FOR VALUES FROM (0) TO (100);
CREATE INDEX stays_room ON stays (room_id);
CREATE FUNCTION again() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('public.visits_guest') IS NULL THEN
        CREATE INDEX visits_guest ON public.visits (guest_id);
    END IF;
END
$$;
CREATE EVENT TRIGGER again ON ddl_command_end WHEN TAG IN ('DROP INDEX') EXECUTE FUNCTION again();
-- file: checks/visits.sql
-- name: comes_back
-- uses: visits_guest
SELECT * FROM visits WHERE guest_id = $1;

-- name: equal_one
-- uses: visits_room
SELECT * FROM visits WHERE room_id = $1;

-- name: of_all_partitions
-- uses: stays_room
SELECT * FROM stays WHERE room_id = $1;

-- name: of_one_partition
-- uses: stays_1_room_id_idx
SELECT * FROM stays_1 WHERE room_id = $1;
