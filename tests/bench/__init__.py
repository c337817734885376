"""Measurements: each is a program, run as python -m tests.bench.NAME."""
