-- Defaults of columns of views: with the view, with one that is made anew, and by themselves.
CREATE TABLE t (id int PRIMARY KEY, a int, b int);
CREATE VIEW anew AS SELECT id, a FROM t;
ALTER VIEW anew ALTER a SET DEFAULT 5;
CREATE VIEW changed AS SELECT id, b FROM t;
ALTER VIEW changed ALTER b SET DEFAULT 6;
CREATE VIEW gone AS SELECT id, b FROM t;
ALTER VIEW gone ALTER b SET DEFAULT 7;
-- to
CREATE TABLE t (id int PRIMARY KEY, a bigint, b int);
CREATE VIEW anew AS SELECT id, a FROM t;
ALTER VIEW anew ALTER a SET DEFAULT 5;
CREATE VIEW changed AS SELECT id, b FROM t;
ALTER VIEW changed ALTER id SET DEFAULT 6;
CREATE VIEW made AS SELECT id, b FROM t;
ALTER VIEW made ALTER b SET DEFAULT 7;
