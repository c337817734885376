-- expect: CON201 bets.bets_stake_check
-- expect: CON201 bets.silent ?
-- A constraint that UPDATE slips past, constraint triggers that refuse and that do not, and a check found by trial.
CREATE TABLE bets (
    id integer PRIMARY KEY,
    stake integer NOT NULL CHECK (stake > 0),
    odds integer NOT NULL CHECK (odds * 37 = 4921)
);
CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stake <= 0 THEN RETURN NULL; END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER bets_skip BEFORE UPDATE ON bets FOR EACH ROW EXECUTE FUNCTION skip();
CREATE FUNCTION high() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.stake > 5000 THEN RAISE 'too high'; END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER high AFTER INSERT ON bets FOR EACH ROW EXECUTE FUNCTION high();
CREATE FUNCTION silent() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER silent AFTER INSERT ON bets FOR EACH ROW EXECUTE FUNCTION silent();
