"""The laws of the house, as tests. toolkit/README.md says what they are for."""
