"""Rows that fit: values are proposed for each column, and the server says which of them it takes.

One more file than a room should have, because what asks for rows (`fill`, `addition`) and what finds values for
them (`shape`, `candidate`, `pattern`, `stretch`, `proposal`, `circle`) are small and of one kind.
"""
