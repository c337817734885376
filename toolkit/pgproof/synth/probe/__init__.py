"""What the server does with rows that break a constraint, tried in a scratch database and rolled back.

There are many files because each thing that is tried has one (`trial.py` a constraint, `change.py` the same by
UPDATE, `fired.py` a constraint trigger, `action.py` a foreign key's action, `statement.py` a documented
statement, `race.py` two transactions), and so has what these are made of. `certainty.py` says whether chance may
be to blame.
"""
