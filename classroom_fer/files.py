"""Files: written whole or not at all, for their owner alone (safeguard S9); named by their bytes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from classroom_fer.errors import ReportError

AFTER_ANALYSIS = (
    "make room or choose another folder with --out, then run `classroom-fer report SESSION`; "
    "the analysis itself is kept"
)

OPEN_ELSEWHERE = (5, 32)
"""Windows' errors (access denied, sharing violation) where a file that is to be replaced is open in a viewer."""


def write_private(out: Path, content: bytes, *, what: str = "the PDF", remedy: str = AFTER_ANALYSIS) -> None:
    """Writes a file whole or not at all, readable by its owner alone; missing folders are made so too.

    Args:
        what: names the content in the error, ``remedy`` what to do then.

    Raises:
        ReportError: no right, no room, or ``out`` is a folder.
    """
    temporary = out.with_name(f".{out.name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        make_private_folders(out.parent)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(out)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if getattr(error, "winerror", None) in OPEN_ELSEWHERE:
            remedy = f"close the program that shows {out.name} and run again; else {remedy}"
        raise ReportError(f"{out}: {what} cannot be written ({error.strerror or error})", hint=remedy) from error


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes; OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_private_folders(folder: Path) -> None:
    """Makes ``folder`` and its missing parents for their owner alone (0700); OSError if that cannot be."""
    for missing in reversed([p for p in (folder, *folder.parents) if not p.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
