"""Whether a query uses an index, asked on a connection of somebody else's, whatever the driver.

`use` judges, and says what has to be sent for that; `driver` sends it, by psycopg, asyncpg or SQLAlchemy.
"""
