"""The way from one database to another: which statements, in which order, at what cost.

More than eight files, because each thought of the planner is one: what changes, what belongs together, what stands
in a circle, what needs what, what holds up others, what is lost.
"""
