"""What the team promises about its schema, read from comments of migrations and from `checks/`. Text only.

One file per kind of promise (`pattern`, `listed`, `mention`, `foreign_key`, `query_file`, `acceptance`), over
what they share: `draft` and `parameter` rewrite SQL, `excerpt` finds SQL in comments, `claim` and
`vocabulary` find names. `read` is the door. `profile` is what production looks like, in TOML (`toml_document`).
"""
