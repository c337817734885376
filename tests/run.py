"""The terms on which tests run migrations."""

from __future__ import annotations

import os
import random
import time
from typing import Any
from uuid import uuid4

from pgproof.database.holder import Holder
from pgproof.database.pace import Pace
from pgproof.migrate.terms import Terms

PACE = Pace(monotonic=time.monotonic, sleep=time.sleep, jitter=random.random)


def terms(**changes: Any) -> Terms:
    """The terms of one run of a test."""
    given = {"run": uuid4(), "tool": "test", "holder": Holder(host="here", pid=os.getpid()), "pace": PACE}
    return Terms(**{**given, **changes})
