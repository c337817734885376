-- What is dropped or renamed by the name that the server gave it.
CREATE TABLE things (
    a integer CHECK (a > 0) CHECK (a < 9),
    b integer UNIQUE,
    c integer REFERENCES things (b),
    d text,
    PRIMARY KEY (a),
    CHECK (a <> b),
    CHECK (c > 1)
);
CREATE INDEX ON things (b, c);
CREATE INDEX ON things (lower(d));
CREATE INDEX ON things ((a + b)) INCLUDE (d);
CREATE INDEX ON things (d);
ALTER TABLE things DROP CONSTRAINT things_a_check1, DROP CONSTRAINT things_check, DROP CONSTRAINT things_c_check;
ALTER TABLE things DROP CONSTRAINT things_c_fkey, DROP CONSTRAINT things_b_key, DROP CONSTRAINT things_pkey;
ALTER TABLE things RENAME CONSTRAINT things_a_check TO things_a_chk;
DROP INDEX things_lower_idx, things_expr_d_idx;
ALTER INDEX things_b_c_idx RENAME TO things_both;

CREATE TABLE quite_a_long_name_of_a_table_in_which_names_are_cut (a_long_name_of_a_column integer UNIQUE);
ALTER TABLE quite_a_long_name_of_a_table_in_which_names_are_cut
    DROP CONSTRAINT quite_a_long_name_of_a_table_in_whi_a_long_name_of_a_column_key;

CREATE TABLE keyed (a integer NOT NULL);
CREATE UNIQUE INDEX keyed_a ON keyed (a);
ALTER TABLE keyed ADD PRIMARY KEY USING INDEX keyed_a;
CREATE TABLE a_name_of_more_than_sixty_three_characters_which_the_server_cuts_off (id integer PRIMARY KEY);
