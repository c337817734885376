-- Says that a version is about to be reverted, before it is; or that a stopped downgrade goes on behind its
-- statement `done`. No row comes back if somebody else has begun or ended it since the plan was made.
UPDATE pgproof.history
   SET state = 'reverting',
       done = %(done)s,
       total = %(total)s,
       error = '',
       reverting_at = pg_catalog.clock_timestamp(),
       tool = %(tool)s
 WHERE version = %(version)s
   AND (state = 'applied' OR (state = 'reverting' AND error <> '' AND done = %(done)s))
RETURNING id;
