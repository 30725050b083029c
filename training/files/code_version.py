"""Which code made a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

from classroom_fer import __version__

HERE = Path(__file__).resolve().parents[1]


def code_version(folder: Path = HERE) -> str:
    """The package's version, and the commit where ``folder`` is in a checkout.

    "+changed" follows where Python files that git knows differ from that commit.
    """
    try:
        commit = _git(folder, "rev-parse", "--short=12", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", ":/*.py")
    except (OSError, subprocess.SubprocessError):
        return __version__
    return f"{__version__}+{commit}{'+changed' if changed else ''}"


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout.strip()
