"""The plugin, as people use it: pytest is run in a project of theirs."""
