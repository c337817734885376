"""What a schema is, as the server's catalog tells it: read in one transaction, kept as data without OIDs."""
