"""pgproof: schema migrations for PostgreSQL, and proof of what a schema promises.

Importing this package loads no driver and no parser; what costs time is imported where it is used.
"""

__version__ = "0.1.0"
