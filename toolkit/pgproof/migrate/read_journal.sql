-- Every attempt at a statement of a file that ran without a transaction, in the order in which they began.
SELECT j.history_id,
       j.direction,
       j.number,
       j.outcome,
       j.remark,
       j.started_at,
       j.finished_at,
       j.backend_pid
  FROM pgproof.journal AS j
 ORDER BY j.id;
