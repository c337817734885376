-- Whether the one that a statement is about is there. A database that DROP DATABASE has begun to remove (connection
-- limit -2) is not.
SELECT CASE %(effect)s
           WHEN 'index dropped' THEN pg_catalog.to_regclass(%(name)s) IS NOT NULL
           WHEN 'database created'
               THEN EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %(name)s AND datconnlimit <> -2)
           WHEN 'database dropped' THEN EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = %(name)s)
           WHEN 'tablespace created' THEN EXISTS (SELECT FROM pg_catalog.pg_tablespace WHERE spcname = %(name)s)
           WHEN 'tablespace dropped' THEN EXISTS (SELECT FROM pg_catalog.pg_tablespace WHERE spcname = %(name)s)
           WHEN 'subscription created' THEN EXISTS (SELECT FROM pg_catalog.pg_subscription WHERE subname = %(name)s)
           WHEN 'subscription dropped' THEN EXISTS (SELECT FROM pg_catalog.pg_subscription WHERE subname = %(name)s)
           WHEN 'prepared transaction ended'
               THEN EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts WHERE gid = %(name)s)
       END;
