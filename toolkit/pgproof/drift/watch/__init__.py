"""Who changed a database: a recorder of DDL, which is there where somebody asked for it, and what it knows."""
