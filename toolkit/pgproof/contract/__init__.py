"""What the team promises about its schema, read from comments of migrations and from `checks/`. Text only."""
