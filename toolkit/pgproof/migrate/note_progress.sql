-- Says how many statements of a file that runs without a transaction have landed, and what stopped the next one.
UPDATE pgproof.history
   SET done = %(done)s,
       error = %(error)s
 WHERE version = %(version)s
   AND state IN ('applying', 'reverting');
