-- Ends a statement that nobody waits for any more, if it is still the same one: a running one is cancelled, a
-- transaction that only stands open goes with its session. Gives whether there was anything to end.
SELECT CASE activity.state
           WHEN 'active' THEN pg_catalog.pg_cancel_backend(activity.pid)
           ELSE pg_catalog.pg_terminate_backend(activity.pid)
       END AS ended
  FROM pg_catalog.pg_stat_activity AS activity
 WHERE activity.pid = %(pid)s
   AND activity.state <> 'idle'
   AND pg_catalog.starts_with(activity.query, %(tag)s);
