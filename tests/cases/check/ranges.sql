-- CHECKs of ranges are broken by empty ones, and by those without an end.
CREATE TABLE stays (
    id integer PRIMARY KEY,
    during tstzrange NOT NULL CHECK (NOT isempty(during)),
    days daterange CHECK (NOT upper_inf(days)),
    times tstzmultirange CHECK (NOT isempty(times)),
    ages int4range CHECK (NOT lower_inf(ages))
);
