"""The way from one database to another: which statements, in which order, at what cost."""
