-- expect: CAT107 twice_b
-- expect: CAT107 plain
-- expect: CAT107 whole
CREATE TABLE things (
    id integer PRIMARY KEY,
    a text,
    "b, (c)" text,
    d integer,
    CONSTRAINT things_a_d UNIQUE (a, d)
);
CREATE INDEX plain ON things (a);
CREATE INDEX by_pattern ON things (a text_pattern_ops);
CREATE INDEX by_collation ON things (a COLLATE "C");
CREATE INDEX downwards ON things (a DESC);
CREATE INDEX partial ON things (a) WHERE d > 0;
CREATE INDEX including ON things (a) INCLUDE ("b, (c)");
CREATE INDEX by_hash ON things USING hash (a);
CREATE INDEX whole ON things ("b, (c)") INCLUDE (d);
CREATE INDEX more ON things ("b, (c)", lower(a || ',)'), d);
CREATE INDEX twice_a ON things (d);
CREATE INDEX twice_b ON things (d);
