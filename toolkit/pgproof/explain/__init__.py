"""What the planner would do: plans as trees, which index serves what, and what the planner can refute.

Many files because each is one question to the planner (`service`, `proof`, `equivalence`, `advice`) over what they
share: `planner` asks, `asking` asks much at once, `isolation` hides indexes, `plan` and `facts` are the answers.
`study` is the door.
"""
