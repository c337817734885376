"""SQL as text: sources and places, statements, comments, directives, names. Pure; talks to no server."""
