CREATE TABLE guests (id int PRIMARY KEY, email text NOT NULL, age int NOT NULL, city text, note text);
CREATE INDEX guests_lower ON guests (lower(email));
CREATE INDEX guests_adult ON guests ((age > 17), id);
CREATE INDEX guests_words ON guests USING gin (to_tsvector('simple', note));
CREATE STATISTICS guests_known (ndistinct, mcv) ON (age % 10), upper(city) FROM guests;
CREATE STATISTICS guests_digit ON (age % 10) FROM guests;
CREATE TABLE visits (email text NOT NULL, during daterange, rooms int4multirange);
CREATE INDEX visits_during ON visits USING gist (during);
CREATE INDEX visits_lower ON visits (lower(email));
