"""The versioned story: migration files, the folder of them, their history in a database, plans and execution."""
