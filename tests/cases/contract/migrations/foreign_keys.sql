-- Rooms and guests, associated with foreign keys.
-- There is no foreign key to hotels. A guest is not a foreign key; without foreign keys we are fast.
-- Rooms do not have
-- a foreign key to floors.
-- TODO: foreign key to chains. The city should be a foreign key. Foreign keys are not used for prices.
-- Foreign keys were removed for speed. We use a list instead of a foreign key.
CREATE TABLE stays (
  room_id bigint NOT NULL, -- NOT NULL foreign key to rooms
  -- The guest, a foreign-key reference
  guest_id bigint,
  /* FK to bookings */ booking_id bigint,
  hotel text -- the fk_hotel constraint says nothing here
);
-- SELECT 'a foreign key' FROM stays;
-- Stays belong to guests by a foreign key; there is no foreign key to hotels, but a foreign key to rooms.
