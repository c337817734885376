"""The difference between two databases, and the way back."""
