"""Rows that fit: values are proposed for each column, and the server says which of them it takes."""
