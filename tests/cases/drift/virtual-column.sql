-- from 18
-- A virtual column becomes one with values: there are none to be kept.
CREATE TABLE p (k int, v int GENERATED ALWAYS AS (k + 2) VIRTUAL) PARTITION BY RANGE (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5);
-- to
CREATE TABLE p (k int, v numeric(12,2)) PARTITION BY RANGE (k);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5);
