-- An index has the name that one of another table had, which stays or goes.
CREATE TABLE stays (a int);
CREATE TABLE goes (a int);
CREATE TABLE gets (a int);
CREATE INDEX one ON stays (a);
CREATE INDEX two ON goes (a);
-- to
CREATE TABLE stays (a int);
CREATE TABLE gets (a int);
CREATE INDEX one ON gets (a);
CREATE INDEX two ON gets (a DESC);
