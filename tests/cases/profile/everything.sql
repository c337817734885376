-- A table of every kind of relation and column that gets a size: tests/explain/test_size.py.
CREATE TYPE mood AS ENUM ('calm', 'it''s "odd"', 'wild\one');
CREATE DOMAIN short AS varchar(8) CHECK (VALUE <> '');
CREATE TABLE countries (code char(2) PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    country char(2) NOT NULL REFERENCES countries,
    email text NOT NULL,
    nick short,
    feeling mood NOT NULL DEFAULT 'calm',
    is_new boolean NOT NULL,
    grade text CHECK (grade IN ('a', 'it''s', 'c\d', 'e"f')),
    balance numeric(12, 2),
    weight double precision,
    small smallint,
    tags text[],
    notes jsonb,
    blob bytea,
    place point,
    stay tstzrange,
    address inet,
    born date,
    wake time,
    made_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamp,
    boss bigint REFERENCES people
);
CREATE UNIQUE INDEX people_email ON people (lower(email));
CREATE INDEX people_new ON people (made_at) WHERE is_new;
CREATE INDEX people_country ON people (country, made_at DESC) INCLUDE (email);
CREATE INDEX people_tags ON people USING gin (tags);
CREATE INDEX people_notes ON people USING gin (notes);
CREATE INDEX people_stay ON people USING gist (stay);
CREATE INDEX people_made ON people USING brin (made_at);
CREATE INDEX people_hash ON people USING hash (address);
CREATE TABLE events (id bigint, person bigint NOT NULL REFERENCES people, kind mood, at timestamptz NOT NULL DEFAULT now())
    PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE) PARTITION BY HASH (id);
CREATE TABLE events_new_0 PARTITION OF events_new FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_new_1 PARTITION OF events_new FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX events_person ON events (person, at DESC);
CREATE MATERIALIZED VIEW busy AS SELECT person, count(*) AS events FROM events GROUP BY person;
CREATE TABLE tree (id integer PRIMARY KEY, above integer REFERENCES tree);
CREATE TABLE "Odd ""name" ("a b" uuid PRIMARY KEY, dropped int, "c" text);
ALTER TABLE "Odd ""name" DROP COLUMN dropped;
