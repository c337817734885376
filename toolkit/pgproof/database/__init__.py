"""The server: how it is named, reached, versioned and provided.

Many files because the room `scratch` in it has one file per provider and per concern of the operating system.
"""
