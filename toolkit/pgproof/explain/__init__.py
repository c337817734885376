"""What the planner would do: plans as trees, which index serves what, and what the planner can refute."""
