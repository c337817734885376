-- from 18
-- A table that moves: its child has a NOT NULL of the name that the server would give the new one's.
CREATE SCHEMA s;
CREATE TABLE t (c date NOT NULL);
CREATE TABLE s.child () INHERITS (t);
-- one way: what a child inherits from another parent is its own afterwards
-- to
CREATE SCHEMA s;
CREATE TABLE s.t (c date NOT NULL);
CREATE TABLE s.child (c date NOT NULL) INHERITS (s.t);
