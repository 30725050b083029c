"""Writes docs/commands.md from the commands' own help: python scripts/commands_page.py"""

from __future__ import annotations

import io
import os
from contextlib import redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

from classroom_fer.cli import app

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
TERMINAL = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
COMMANDS = (
    "",
    "init",
    "analyze",
    "report",
    "sessions",
    "runs",
    "query",
    "datasette",
    "label",
    "compare",
    "tasks check",
    "tasks convert",
    "regions draw",
    "regions check",
    "provenance",
    "aggregate",
    "export",
    "purge",
    "audit list",
    "audit verify",
    "validate sample",
    "validate score",
    "predict",
    "web",
    "live",
    "doctor",
)


def help_of(command: str) -> str:
    """What the command says of itself on a terminal of 100 columns without colours."""
    said = io.StringIO()
    with patch.dict(os.environ, TERMINAL), redirect_stdout(said), suppress(SystemExit):
        app([*command.split(), "--help"], prog_name="classroom-fer")
    return "\n".join(line.rstrip() for line in said.getvalue().strip().splitlines())


def page() -> str:
    parts = ["# Commands\n\nMade from `--help` by `python scripts/commands_page.py`; a test keeps it current.\n"]
    for command in COMMANDS:
        parts.append(f"## classroom-fer {command}".rstrip() + f"\n\n```\n{help_of(command)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
