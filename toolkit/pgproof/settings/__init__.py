"""What a project has settled: one list (`setting`), the file it stands in (`file`), what holds (`project`).

The doors read it, each with the environment that it has; below them nobody does.
"""
