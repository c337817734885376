-- The sessions in which a run was last heard that hears no answer any more. One that is at work is let end (with `cancels`:
-- made to); any other is ended here, so that a message of the run that is still on its way finds nobody. Ask until
-- there is none.
SELECT activity.pid,
       CASE WHEN activity.state <> 'active' THEN pg_catalog.pg_terminate_backend(activity.pid)
            WHEN %(cancels)s THEN pg_catalog.pg_cancel_backend(activity.pid)
       END AS is_told
  FROM pg_catalog.pg_stat_activity AS activity
 WHERE activity.datname = pg_catalog.current_database()
   AND activity.pid <> pg_catalog.pg_backend_pid()
   AND pg_catalog.starts_with(activity.query, %(tag)s);
