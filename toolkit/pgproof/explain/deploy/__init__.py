"""Queries of one version of the code on the schema of another: both are at work while a deploy goes on.

`served` are the indexes that are not there any more, `written` the constraints that are new to what is written,
`narrowed` the types that take less, `crossing` the door.
"""
