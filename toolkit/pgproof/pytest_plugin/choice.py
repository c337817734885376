"""Which files are to be tests: decided for every .sql file that pytest sees, without what costs time."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgproof.errors import InputError
from pgproof.pytest_plugin import ENVIRONMENT
from pgproof.settings.project import Project, read

_FOLDERS = pytest.StashKey[tuple[Path, ...] | InputError]()
_SETTINGS = pytest.StashKey[Project]()


def settings(config: pytest.Config) -> Project:
    """What holds in the project that pytest's root is in. Raises InputError."""
    if _SETTINGS not in config.stash:
        environment = config.stash[ENVIRONMENT]
        config.stash[_SETTINGS] = read(config.rootpath, environment)
    return config.stash[_SETTINGS]


def is_wanted(path: Path, config: pytest.Config) -> bool:
    """True of a file in a folder of migrations or checks, if pytest's settings say so, or its command line names
    that folder, or a part of it with the file.

    Raises InputError where nobody can tell, since the settings have mistakes.
    """
    found = folders(config)
    if isinstance(found, InputError):
        if _is_named(config, path.parent, path):
            raise found
        return False
    return any(path.is_relative_to(folder) and _is_named(config, folder, path) for folder in found)


def folders(config: pytest.Config) -> tuple[Path, ...] | InputError:
    """The folders of migrations and of checks, or what is wrong with the settings."""
    if _FOLDERS not in config.stash:
        try:
            said = settings(config)
        except InputError as error:
            config.stash[_FOLDERS] = error
        else:
            config.stash[_FOLDERS] = said.migrations.resolve(), said.checks.resolve()
    return config.stash[_FOLDERS]


def _is_named(config: pytest.Config, folder: Path, path: Path) -> bool:
    if config.getini("pgproof"):
        return True
    here = config.invocation_params.dir
    named = [(here / each.partition("::")[0]).resolve() for each in config.args]
    return any(each.is_relative_to(folder) and path.is_relative_to(each) for each in named)
