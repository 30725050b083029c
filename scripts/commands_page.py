"""Writes docs/commands.md from the commands' own help: python scripts/commands_page.py"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "commands.md"
COMMANDS = (
    "",
    "init",
    "analyze",
    "report",
    "sessions",
    "tasks check",
    "regions draw",
    "regions check",
    "aggregate",
    "purge",
    "audit list",
    "audit verify",
    "predict",
    "doctor",
)


def help_of(command: str) -> str:
    environment = os.environ | {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "classroom_fer", *command.split(), "--help"],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    text = done.stdout.replace("python -m classroom_fer", "classroom-fer")
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def page() -> str:
    parts = ["# Commands\n\nMade from `--help` by `python scripts/commands_page.py`; a test keeps it current.\n"]
    for command in COMMANDS:
        parts.append(f"## classroom-fer {command}".rstrip() + f"\n\n```\n{help_of(command)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
