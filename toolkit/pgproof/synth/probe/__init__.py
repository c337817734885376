"""What the server does with rows that break a constraint, tried in a scratch database and rolled back."""
