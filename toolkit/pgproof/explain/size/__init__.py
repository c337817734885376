"""Plans at production size, in a cluster of our own: no data, no extension, the planner believes that it is there.

Many files because each is one step: `own` (the guard), `shape` (what there is), `declared`, `model` and `column`
(what the profile makes of it), `pages`, `spread` and `statistic` (as ANALYZE would have it), `layout`, `btree`,
`inflate` and `inject` (files and catalog), `values` (of parameters), `plans` (many in a message), `sweep` (the
door), `growth` and `words` (what comes).

`export` and `exported` are for the statistics of a live database, which is only read, `extended` for those of
columns together, `combination` for lists of their values, `expression` for types of expressions.

The planner takes the number of pages from the files and the rest from pg_class and pg_statistic
(estimate_rel_size in src/backend/optimizer/util/plancat.c, examine_variable in src/backend/utils/adt/selfuncs.c):
sparse files of the right length, btrees of the right height, and rows of pg_statistic, give the plans that loaded
tables give.
"""
