"""Folders and films of this machine as the app shows them: below the folders that the user named, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from classroom_fer.errors import VideoError
from classroom_fer.film.endings import has_film_ending
from classroom_fer.text.natural import natural_key

TASKS_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".boris", ".eaf"})
"""Endings of what ``tasks check`` reads."""
MOST_SHOWN = 2000
"""Entries of a folder (choice: nobody looks through more)."""
Roots = Mapping[str, Path]
"""By the first part of an address: numbers for the folders that the user named."""
_HINT = "go back to the folders and choose again"


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder or a film."""

    name: str
    address: str
    """Its root and the way from there, as ``0/7b/lesson.mp4``."""


@dataclass(frozen=True, slots=True)
class Folder:
    """What is in a folder."""

    trail: tuple[Entry, ...]
    """The way to it from its root; the last one is itself."""
    folders: tuple[Entry, ...]
    films: tuple[Entry, ...]


def place_at(roots: Roots, address: str) -> Path:
    """The file or folder of an address.

    Raises:
        VideoError: it is not there (any more), is hidden, or leads out of the roots.
    """
    first, *names = PurePosixPath(address).parts or ("",)
    missing = VideoError(f"{'/'.join(names) or first}: no such film or folder (any more)", hint=_HINT)
    if first not in roots:
        raise missing
    if any(name.startswith(".") or "\\" in name or "\0" in name for name in names):
        raise missing
    path = roots[first].joinpath(*names)
    try:
        found = path.resolve(strict=True)
    except (OSError, RuntimeError, ValueError) as error:
        raise missing from error
    if not any(found.is_relative_to(root) for root in roots.values()):
        raise missing
    return found


def folder_at(roots: Roots, address: str) -> Folder:
    """What is in the folder of an address; "" is the list of the roots, or the only one. VideoError as ``place_at``."""
    numbered = {number: root for number, root in roots.items() if number.isdecimal()}
    if not address and len(numbered) != 1:
        return Folder((), tuple(Entry(root.name or str(root), number) for number, root in numbered.items()), ())
    address = (address or "0").strip("/")
    path = place_at(numbered, address)
    try:
        inside = sorted((one for one in path.iterdir() if _is_shown(one)), key=lambda one: natural_key(one.name))
    except OSError as error:
        raise VideoError(f"{path.name}: cannot be opened ({error.strerror})", hint=_HINT) from error
    inside = inside[:MOST_SHOWN]
    return Folder(
        tuple(_trail(roots, address)),
        tuple(Entry(one.name, f"{address}/{one.name}") for one in inside if one.is_dir()),
        tuple(Entry(one.name, f"{address}/{one.name}") for one in inside if has_film_ending(one)),
    )


def film_at(roots: Roots, address: str) -> Path:
    """The film of an address. VideoError as ``place_at``, or if it is none."""
    path = place_at(roots, address)
    if not has_film_ending(path):
        raise VideoError(f"{path.name}: no film, by its name", hint=_HINT)
    return path


def tasks_files(film: Path) -> tuple[str, ...]:
    """Names of files beside a film that may hold its tasks; those that begin like it come first."""
    found = (one for one in film.parent.iterdir() if one.suffix.lower() in TASKS_SUFFIXES and _is_shown(one))
    names = sorted((one.name for one in found if one.is_file()), key=natural_key)
    return tuple(sorted(names, key=lambda name: not name.startswith(film.stem)))[:MOST_SHOWN]


def _trail(roots: Roots, address: str) -> Iterable[Entry]:
    parts = address.split("/")
    for end in range(1, len(parts) + 1):
        root = roots[parts[0]]
        yield Entry(parts[end - 1] if end > 1 else root.name or str(root), "/".join(parts[:end]))


def _is_shown(path: Path) -> bool:
    """Not what is hidden, nor what a page cannot spell."""
    return not path.name.startswith(".") and path.name.isprintable()
