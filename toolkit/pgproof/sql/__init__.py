"""SQL as text: sources and places, statements, comments, directives, names. Pure; talks to no server.

Many files because each answers one question about a text: where something stands (`source`), what a statement or a
comment is, what it declares (`declared`, `declaration`, `ddl`), what the grammars say (`grammar`, `dialect`).
"""
