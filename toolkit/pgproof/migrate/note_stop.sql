-- Says what stopped the statement behind those that have landed.
UPDATE pgproof.history
   SET error = %(error)s
 WHERE version OPERATOR(pg_catalog.=) %(version)s
   AND schema OPERATOR(pg_catalog.=) %(schema)s
   AND state OPERATOR(pg_catalog.=) ANY ('{applying,reverting}')
   AND done OPERATOR(pg_catalog.=) %(done)s;
