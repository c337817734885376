"""The statements that make, change and drop objects.

More than eight files, because each holds the kinds of one chapter of the manual.
"""
