"""What a schema is, as the server's catalog tells it: read in one transaction, kept as data without OIDs.

More than eight files, because facts are read by a table (`accounting`, `query`, `extract`, `fact`), some of what
is not the user's own (`strangers`, `initdb`), and kept in two forms (`canonical`, `packed`), beside the snapshot
that rules judge (`read`, `snapshot`, `definition`) and three ways to see that there is nothing to read, or
little (`mark`, `newer`, `fingerprint`).
"""
