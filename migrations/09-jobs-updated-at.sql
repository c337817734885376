-- jobs.updated_at says when a row last changed: its default sets it once, this trigger keeps it true.

-- migrate:up
CREATE FUNCTION jobs_set_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.updated_at := CURRENT_TIMESTAMP;
    RETURN NEW;
END
$$;

-- An UPDATE that changes nothing leaves the time alone
CREATE TRIGGER jobs_set_updated_at
    BEFORE UPDATE ON jobs
    FOR EACH ROW
    WHEN (OLD.* IS DISTINCT FROM NEW.*)
    EXECUTE FUNCTION jobs_set_updated_at();

-- migrate:down
DROP TRIGGER jobs_set_updated_at ON jobs;
DROP FUNCTION jobs_set_updated_at();
