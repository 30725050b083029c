"""Files that belong together: all of them are written or none is, and nobody else's file is written over.

Beside the files lies their data dictionary. It says which run of this program made them (an identity) and the hash of
each, so that an export that is made again finds its own files. A file that was changed since, coded in BORIS, say, is
no longer the program's: it stays, and the export gets the next free name, as a report's PDF does.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from classroom_fer.errors import ExchangeError
from classroom_fer.files import file_sha256, make_private_folders

MADE_BY = "made_by"
MAKE_ROOM = "make room or choose another folder with --out; nothing was written"
LARGEST_DICTIONARY = 1_000_000
"""Bytes; one has some twenty thousand (choice)."""


@dataclass(frozen=True, slots=True)
class Output:
    """One file of an export."""

    ending: str
    """Follows the common name: ``_task.csv``."""
    write: Callable[[BinaryIO, str], None]
    """Writes it, given the common name that was chosen."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that belong together."""

    names: Sequence[str]
    """Common names, the first that is free is taken; more are made of the last by numbers."""
    outputs: Sequence[Output]
    """The main one first."""
    dictionary: Mapping[str, Any]
    """What the data dictionary says besides who made the files."""
    identity: str
    """Of what is exported: the same export has the same."""
    made_by: Mapping[str, Any]
    own_dictionary_ending: str = ""
    """Where the other program looks for it."""

    @property
    def dictionary_ending(self) -> str:
        """Follows the common name; no two formats share a dictionary."""
        return self.own_dictionary_ending or f"{self.outputs[0].ending}.dictionary.json"


@dataclass(frozen=True, slots=True)
class Written:
    """What was made."""

    paths: tuple[Path, ...]
    """The dictionary is the last."""
    left_alone: tuple[Path, ...]
    """Files of others, or changed since, that have the name which these would have had."""


def write_bundle(folder: Path, bundle: Bundle) -> Written:
    """Writes all files, readable by their owner alone.

    Raises:
        ExchangeError: no right or no room; then there is no new file and no old one has changed.
    """
    temporary: dict[Path, Path] = {}
    try:
        make_private_folders(folder)
        name, left_alone = _free_name(folder, bundle)
        hashes: dict[str, str] = {}
        for output in bundle.outputs:
            path = folder / f"{name}{output.ending}"
            with _part(path, temporary) as file:
                output.write(file, name)
            hashes[path.name] = file_sha256(temporary[path])
        made_by = {**bundle.made_by, "identity": bundle.identity, "files": hashes}
        document = {**bundle.dictionary, MADE_BY: made_by}
        with _part(folder / f"{name}{bundle.dictionary_ending}", temporary) as file:
            file.write(json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n")
        for path, part in temporary.items():
            part.replace(path)
    except OSError as error:
        raise ExchangeError(
            f"{folder}: the export cannot be written ({error.strerror or error})", hint=MAKE_ROOM
        ) from error
    finally:
        for part in temporary.values():
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    return Written(tuple(temporary), left_alone)


@contextlib.contextmanager
def _part(path: Path, temporary: dict[Path, Path]) -> Iterator[BinaryIO]:
    """A new file beside ``path`` that takes its place when everything is written."""
    part = path.with_name(f".{secrets.token_hex(6)}.tmp")
    temporary[path] = part
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _free_name(folder: Path, bundle: Bundle) -> tuple[str, tuple[Path, ...]]:
    """The first name under which nothing lies, or this very export; and what lies under those before."""
    there = {path.name.casefold(): path for path in folder.iterdir()}
    left_alone: list[Path] = []
    for name in _names(bundle.names):
        endings = (*(output.ending for output in bundle.outputs), bundle.dictionary_ending)
        taken = [path for ending in endings if (path := there.get(f"{name}{ending}".casefold())) is not None]
        if not taken or _is_own(folder / f"{name}{bundle.dictionary_ending}", taken, bundle.identity):
            return name, tuple(left_alone)
        left_alone += taken
    raise AssertionError("names never end")


def _names(names: Sequence[str]) -> Iterator[str]:
    yield from names
    number = 2
    while True:
        yield f"{names[-1]}-{number}"
        number += 1


def _is_own(dictionary: Path, taken: Sequence[Path], identity: str) -> bool:
    """Whether this export made all these files, and nobody changed them since."""
    try:
        if dictionary.stat().st_size > LARGEST_DICTIONARY:
            return False
        made_by = json.loads(dictionary.read_bytes())[MADE_BY]
        if made_by["identity"] != identity:
            return False
        hashes = made_by["files"]
        return all(path == dictionary or hashes.get(path.name) == file_sha256(path) for path in taken)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def identity_of(*parts: object) -> str:
    """32 hex digits that name what is exported."""
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:32]
