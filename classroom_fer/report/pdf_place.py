"""Where a session's PDF goes in a folder: over its own of an earlier time, never over any other file.

A PDF carries the identity of what it is about as its file identifier (ISO 32000-2, 14.4), so that folders may be moved
and several databases may share one. A PDF that was renamed is left alone, as one without an identity is.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from classroom_fer.errors import ReportError
from classroom_fer.files import AFTER_ANALYSIS, make_private_folders
from classroom_fer.text.file_names import film_stem

LARGEST_BYTES = 100_000_000
"""A report has some 200 kB; what is larger than this is not read (choice)."""
_PDF = b"%PDF-"
_IDENTITY = re.compile(rb"/ID ?\[\s*\(([0-9a-f]{32})\)")


@contextmanager
def pdf_place(folder: Path, video_name: str, number: int, identity: str) -> Iterator[Path]:
    """A path that is this session's alone while the block writes it; a failure leaves nothing new behind.

    Args:
        folder: made if it is missing.
        video_name: the PDF is called like the film, ``lesson.pdf``, and ``lesson-7.pdf`` where that name is another's.
        number: the session's.
        identity: 32 hex digits, which the block gives to the PDF.

    Raises:
        ReportError: nothing can be written there.
    """
    stem = film_stem(video_name)
    own = _own(folder, stem, identity)
    if own is not None:
        yield own
        return
    try:
        make_private_folders(folder)
        path = _reserved(folder, stem, number, identity)
    except OSError as error:
        problem = f"{folder}: the PDF cannot be written ({error.strerror or error})"
        raise ReportError(problem, hint=AFTER_ANALYSIS) from error
    try:
        yield path
    except BaseException:
        with suppress(OSError):
            if path.read_bytes() == _reservation(identity):
                path.unlink()
        raise


def check_no_other_file(path: Path) -> None:
    """Raises ReportError where a PDF would be written over a file of another kind, a film or a table of tasks, say."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            start = file.read(len(_PDF))
    except OSError:  # writing says what is wrong
        return
    if start and start != _PDF:
        raise ReportError(f"{path}: this is no PDF, and would be lost", hint="name another file with --out")


def identity_of(path: Path) -> str | None:
    """What a PDF says that it is about; None for any other file."""
    try:
        if path.stat().st_size > LARGEST_BYTES:
            return None
        found = _IDENTITY.findall(path.read_bytes())
    except OSError:
        return None
    return found[-1].decode("ascii") if found else None


def _own(folder: Path, stem: str, identity: str) -> Path | None:
    name = re.compile(re.escape(stem) + r"(-\d+){0,2}\.pdf", re.IGNORECASE)
    with suppress(OSError):
        for path in sorted(folder.iterdir()):
            if name.fullmatch(path.name) and identity_of(path) == identity:
                return path
    return None


def _reserved(folder: Path, stem: str, number: int, identity: str) -> Path:
    """A new file under the first name that nothing has, also where upper and lower case are the same."""
    taken = {path.name.casefold() for path in folder.iterdir()}
    for name in _names(stem, number):
        if name.casefold() in taken:
            continue
        with suppress(FileExistsError):  # another run was quicker
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(_reservation(identity))
            return folder / name
    raise AssertionError("names never end")


def _names(stem: str, number: int) -> Iterator[str]:
    yield f"{stem}.pdf"
    yield f"{stem}-{number}.pdf"
    yield from (f"{stem}-{number}-{again}.pdf" for again in count(2))


def _reservation(identity: str) -> bytes:
    """Stands in the file until the PDF is made: a run that was killed meanwhile finds its own place again."""
    return f"%PDF-1.7\n%this report was not finished\n/ID [({identity})]\n".encode("ascii")
