"""The server: how it is named, reached, versioned and provided."""
