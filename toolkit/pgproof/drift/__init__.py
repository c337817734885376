"""The difference between two databases, and the way back.

More than eight files, because each way of looking at a difference is one: of what people leave to others, of
schemas, of majors, of migrations taken back, of pg_dump.
"""
