-- expect: CAT102 users.email
-- expect: CAT103 users.name
-- expect: CAT105 users_name_idx
-- expect: CON101 users.users_name_chk
-- expect: CON102 users.users_pkey
CREATE TABLE users (id integer, name varchar(20), CONSTRAINT users_pkey PRIMARY KEY (id));
CREATE INDEX users_name_idx ON users (name);
CREATE TABLE IF NOT EXISTS users (
    id integer,
    name varchar(40) NOT NULL,
    email text,
    CONSTRAINT users_name_chk CHECK (name <> ''),
    CONSTRAINT users_pkey PRIMARY KEY (id, name)
);
CREATE UNIQUE INDEX IF NOT EXISTS users_name_idx ON users (name DESC);
