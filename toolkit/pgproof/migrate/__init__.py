"""The versioned story: migration files, the folder of them, their history in a database, plans and execution.

Many files because each is one step of the way: from a text to a migration (`file`, `marker`, `render`, `parse`,
`runnable`, `program`, `batch`, and `layout/` for files of other tools), from the folder and the history to a plan
(`library`, `entry`, `edit`, `plan`), and from a plan to what happened (`history`, `execute`, `event`,
`aftermath`).
"""
