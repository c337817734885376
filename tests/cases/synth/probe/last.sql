-- What the last major has and the first one has not.
-- nnk.a: accepted
-- nn.b: refused, 1 old
-- sale.sale_item_during_fkey: refused, but NULL in item during
-- sn.sn_tenant_author_fkey: refused, but NULL in author
-- sdc.sdc_tenant_author_fkey: refused, but NULL in author
-- sale.sale_item_during_fkey DELETE: refused 23503
-- sdc.sdc_tenant_author_fkey DELETE: done, 1 rows
-- sn.sn_tenant_author_fkey DELETE: done, 1 rows, without others
CREATE EXTENSION btree_gist;
CREATE TABLE usr (tenant int, id int, PRIMARY KEY (tenant, id));
CREATE TABLE sn (tenant int NOT NULL, author int, FOREIGN KEY (tenant, author) REFERENCES usr ON DELETE SET NULL (author));
CREATE TABLE sdc (tenant int NOT NULL, author int DEFAULT 77, FOREIGN KEY (tenant, author) REFERENCES usr ON DELETE SET DEFAULT (author));
CREATE TABLE price (item int, during daterange, PRIMARY KEY (item, during WITHOUT OVERLAPS));
CREATE TABLE sale (id int, item int, during daterange, FOREIGN KEY (item, PERIOD during) REFERENCES price (item, PERIOD during));
CREATE TABLE nn (a int, b int, CONSTRAINT nn_a NOT NULL a NO INHERIT);
INSERT INTO nn VALUES (1, NULL);
ALTER TABLE nn ADD CONSTRAINT nn_b NOT NULL b NOT VALID;
CREATE TABLE nnk () INHERITS (nn);
CREATE TABLE vg (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL CHECK (b < 100));
CREATE TABLE uo (a int, r int4range, UNIQUE (a, r WITHOUT OVERLAPS));
