-- expect: CAT103 january.amount
CREATE TABLE months (day integer NOT NULL, amount integer, note text DEFAULT 'a') PARTITION BY RANGE (day);
CREATE TABLE january PARTITION OF months (note DEFAULT 'b', CONSTRAINT january_chk CHECK (amount > 0))
    FOR VALUES FROM (1) TO (32);
CREATE TABLE february (day integer NOT NULL, amount integer, note text);
ALTER TABLE months ATTACH PARTITION february FOR VALUES FROM (32) TO (60);
ALTER TABLE months ALTER amount TYPE bigint, ALTER amount SET NOT NULL, ALTER note SET DEFAULT 'c';
ALTER TABLE months RENAME note TO remark;
ALTER TABLE january ALTER amount SET DEFAULT 3;
CREATE TABLE IF NOT EXISTS january (amount text);
CREATE INDEX ON months (amount);

CREATE TABLE days (n integer) PARTITION BY RANGE (n);
CREATE TABLE weekdays PARTITION OF days FOR VALUES FROM (1) TO (6);
CREATE INDEX weekdays_n ON weekdays (n);
DROP TABLE days;

CREATE TABLE animals (name text NOT NULL DEFAULT 'x', legs integer);
CREATE TABLE cats (name text, lives integer) INHERITS (animals);
ALTER TABLE animals ALTER name SET DEFAULT 'y';
ALTER TABLE ONLY animals ALTER legs SET DEFAULT 4;
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE pairs OF pair (a WITH OPTIONS PRIMARY KEY, CHECK (b <> ''));
