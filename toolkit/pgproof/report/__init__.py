"""Telling: findings and events in, text out. Decides nothing and reads no environment."""
