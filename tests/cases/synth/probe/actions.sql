-- Foreign keys, and what becomes of the rows that refer to one that is deleted, or whose key is changed.
-- bad.bad_p_fkey DELETE: otherwise 23502
-- cas.cas_p_fkey DELETE: done, 1 rows, cas 1, grand 1, without others
-- cas.cas_p_fkey UPDATE: done, 1 rows, without others
-- def.def_p_fkey DELETE: done, 1 rows, without others
-- defn.defn_p_fkey DELETE: done, 1 rows, without others
-- defn.defn_p_fkey UPDATE: done, 1 rows, without others
-- grand.grand_c_fkey DELETE: done, 1 rows, grand 1
-- kept.kept_p_fkey DELETE: orphaned, 1 rows, without others
-- late.late_p_fkey DELETE: refused 23503, without others
-- noc.noc_p_fkey DELETE: refused 23503
-- noc.noc_q_fkey DELETE: done, 1 rows, without others
-- ofno.ofno_t_fkey DELETE: refused 23503
-- ofpt.ofpt_t_fkey DELETE: done, 1 rows, ofpt 1
-- post.post_tenant_author_fkey DELETE: done, 1 rows, post 1
-- post.post_tenant_author_fkey UPDATE: done, 1 rows
-- pt.pt_p_fkey DELETE: done, 2 rows, pt 2, without others
-- res.res_p_fkey DELETE: refused RESTRICT, without others
-- res.res_p_fkey UPDATE: refused RESTRICT, without others
-- sd.sd_p_fkey DELETE: done, 1 rows
-- softc.softc_s_fkey DELETE: aside
-- tree.tree_up_fkey DELETE: done, 1 rows, tree 1
CREATE TABLE par (id int PRIMARY KEY);
CREATE TABLE cas (id int PRIMARY KEY, p int REFERENCES par ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE grand (c int REFERENCES cas ON DELETE CASCADE);
CREATE TABLE nop (id int PRIMARY KEY);
CREATE TABLE noc (p int REFERENCES nop, q int REFERENCES par ON DELETE SET NULL);
CREATE TABLE res (p int REFERENCES nop ON DELETE RESTRICT ON UPDATE RESTRICT);
CREATE TABLE bad (p int NOT NULL REFERENCES par ON DELETE SET NULL);
CREATE TABLE def (p int DEFAULT 99 REFERENCES par ON DELETE SET DEFAULT);
CREATE TABLE defn (p int REFERENCES par ON DELETE SET DEFAULT ON UPDATE SET NULL);
CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE);
CREATE TABLE late (p int REFERENCES nop DEFERRABLE INITIALLY DEFERRED);
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TABLE kept (p int REFERENCES par ON DELETE CASCADE);
CREATE TRIGGER keep BEFORE DELETE ON kept FOR EACH ROW EXECUTE FUNCTION keep();
CREATE TABLE soft (id int PRIMARY KEY);
CREATE TABLE softc (s int REFERENCES soft ON DELETE CASCADE);
CREATE TRIGGER keep BEFORE DELETE ON soft FOR EACH ROW EXECUTE FUNCTION keep();
CREATE TABLE usr (tenant int, id int, PRIMARY KEY (tenant, id));
CREATE TABLE post (tenant int, author int, FOREIGN KEY (tenant, author) REFERENCES usr ON DELETE CASCADE ON UPDATE CASCADE);
CREATE TABLE pt (id int, p int REFERENCES par ON DELETE CASCADE) PARTITION BY LIST (id);
CREATE TABLE pt1 PARTITION OF pt FOR VALUES IN (1);
CREATE TABLE pt2 PARTITION OF pt FOR VALUES IN (2);
CREATE TABLE topt (id int PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE topt1 PARTITION OF topt FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE ofpt (t int REFERENCES topt ON DELETE CASCADE);
CREATE TABLE topn (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE topn1 PARTITION OF topn FOR VALUES FROM (0) TO (100);
CREATE TABLE ofno (t int REFERENCES topn);
CREATE TABLE sd (id int PRIMARY KEY DEFAULT 1, p int DEFAULT 1 REFERENCES sd ON DELETE SET DEFAULT);
