"""Where a story is told: a cluster, a proxy before it, the command; and what is done until it has ended."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.faults.cluster import PORT, Cluster, until
from tests.faults.oracle import Ending, abandoned, differences, ending
from tests.faults.process import Run, Runner
from tests.faults.proxy import Message, Proxy
from tests.faults.story import Story

TRIES = 3
"""How often `upgrade` may be typed after a fault until all is done."""
_COUNT = itertools.count(1)


@dataclass(slots=True)
class Stage:
    """One cluster and all that is used with it; databases are copies of a template that each story has."""

    cluster: Cluster
    proxy: Proxy
    runner: Runner
    folder: Path
    heard: dict[int, list[Message]] = field(default_factory=dict)
    """What goes to and fro in an undisturbed run of a story, by its id."""
    _known: dict[int, tuple[Story, str, Path, Ending | None]] = field(default_factory=dict)

    @contextmanager
    def database(self, story: Story, tablespace: str = "pg_default") -> Iterator[str]:
        """A fresh database in which the story can begin."""
        template = self._of(story)[1]
        name = f"d{next(_COUNT)}"
        self.cluster.recover()
        self.cluster.create(name, template, tablespace)
        try:
            yield name
        finally:
            self.cluster.drop(name)

    def start(self, story: Story, database: str, *words: str, host: str | None = None, port: int = PORT) -> Run:
        """The story's command in its folder; `host` is whom it connects to, if not the server itself."""
        address = self.cluster.conninfo(database, host, port)
        return self.runner.start(*story.command, "--database", address, *words, folder=self._of(story)[2])

    def undisturbed(self, story: Story, host: str | None = None) -> Ending:
        """How the story ends when nothing happens (found once; through `host`, if it is given)."""
        _, template, folder, known = self._of(story)
        if known is None:
            with self.database(story) as name:
                run = self.start(story, name, host=host)
                assert run.wait() == 0, run
                with closing(self.cluster.connect(name)) as conn:
                    known = ending(conn, story)
            assert all(count == 1 for _, count in known.marks), known.marks
            applied = [version for version, state in known.history if state == "applied"]
            assert applied == (story.versions if story.command == ("upgrade",) else [])
            self._known[id(story)] = (story, template, folder, known)
        return known

    def finish(self, story: Story, database: str, *words: str, first: Run | None = None) -> str:
        """Type the command until it is done; says what is wrong then, or nothing."""
        told = ""
        for number in range(TRIES):
            run = first if first and number == 0 else self.start(story, database, *words)
            code = run.wait()
            told += f"--- again: {run}"
            if code == 0:
                break
            if "Traceback" in run.said or code not in {3, 4}:
                return told
        else:
            return f"not done after {TRIES} runs\n{told}"
        if wrong := self.compare(story, database):
            return f"{wrong}\n{told}"
        return ""

    def compare(self, story: Story, database: str, *, pooled: bool = False) -> str:
        """What differs from the undisturbed run, or is left behind; a pooler's idle sessions are not."""
        expected = self.undisturbed(story)
        with closing(self.cluster.connect(database)) as conn:
            wrong = differences(expected, ending(conn, story))
            allowed = "idle" if pooled else ""
            until(lambda: not abandoned(conn, allowed), f"nobody is left behind: {abandoned(conn, allowed)}")
        return "\n".join(wrong)

    def witness(self, database: str) -> psycopg.Connection:
        """A connection of the test's own, past the proxy."""
        return self.cluster.connect(database)

    def forget(self, story: Story) -> None:
        """Drop its template."""
        _, template, folder, _ = self._known.pop(id(story))
        self.cluster.drop(template)
        shutil.rmtree(folder)

    def _of(self, story: Story) -> tuple[Story, str, Path, Ending | None]:
        if id(story) not in self._known:
            name = f"template_{next(_COUNT)}"
            self.cluster.create(name)
            with closing(self.cluster.connect(name)) as conn:
                conn.execute(story.prologue().encode())
            folder = story.write(self.folder / name)
            if story.begins:
                run = self.runner.run(*story.begins, "--database", self.cluster.conninfo(name), folder=folder)
                assert run.code == 0, run
                with closing(self.cluster.connect(name)) as conn:
                    until(lambda: not abandoned(conn, ""), "nobody is left behind")
            self._known[id(story)] = (story, name, folder, None)
        return self._known[id(story)]
