"""Running a command in this process: for commands that load nothing heavy, where a process each would take seconds."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from classroom_fer.cli import app


def invoke(folder: Path, *arguments: object, answers: str | None = None) -> Result:
    """stdout, stderr and exit code of one command run in ``folder``; an exception that escapes fails the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.delenv("CLASSROOM_FER_DB", raising=False)
        done = CliRunner().invoke(app, [str(argument) for argument in arguments], input=answers)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done
