"""``fer2013.npz``: images [N, 48, 48] u8 and usage [N], with emotion [N] and votes [N, 10] or one of them."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from training.data.readers.faces import (
    FER7,
    SIDE_PX,
    UNKNOWN,
    USAGES,
    VOTE_COLUMNS,
    DataError,
    Faces,
    Ints,
    OnFault,
    check_usage,
)  # fmt: skip

KEYS = "images [N, 48, 48] u8, usage [N], and emotion [N] or votes [N, 10]"
ARRAYS = ("images", "usage", "emotion", "votes")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of a zip archive, and of an empty one."""
PAGE_STARTS = (b"<!doctype html", b"<html")
"""Lower case."""
LOOKED_AT = 512
"""First bytes that tell what a file is; choice."""
UNZIPPING = (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, EOFError)
"""What damaged, encrypted or unusually packed archives raise."""


def read_npz(path: Path, usage: str, on_fault: OnFault) -> Faces:
    """The faces of ``usage``. An archive is whole or unreadable, so ``on_fault`` is never called.

    Raises:
        DataError: not an npz, an array is missing or of another shape, a class or split is unknown (row is named).
    """
    check_usage(usage)
    arrays = _load(path)
    images = arrays["images"]
    if images.ndim != 3 or images.shape[1:] != (SIDE_PX, SIDE_PX) or images.dtype != np.uint8:
        raise DataError(f"{path}: images are {images.dtype} {list(images.shape)}", hint=f"expected {KEYS}")
    for key, array in arrays.items():
        if len(array) != len(images):
            raise DataError(f"{path}: {len(array)} rows in {key}, {len(images)} in images", hint=f"expected {KEYS}")
    rows = np.flatnonzero(_usages(path, arrays["usage"]) == USAGES.index(usage))
    if not len(rows):
        raise DataError(f"{path}: no rows with usage {USAGES.index(usage)} ({usage})", hint="is the file whole?")
    fer7 = _fer7(path, arrays["emotion"])[rows] if "emotion" in arrays else np.full(len(rows), UNKNOWN)
    votes = _votes(path, arrays["votes"])[rows] if "votes" in arrays else None
    return Faces(usage, images[rows], tuple(f"row {k}" for k in rows), fer7.astype(np.int64), votes=votes)


def _load(path: Path) -> dict[str, Any]:
    _check_zip(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = {key: _array(path, archive, key) for key in ARRAYS if key in archive}
    except UNZIPPING as error:
        raise DataError(f"{path}: not an npz archive that can be read ({error})", hint="copy the file again") from error
    missing = [key for key in ("images", "usage") if key not in arrays]
    if not {"emotion", "votes"} & set(arrays):
        missing.append("emotion or votes")
    if missing:
        raise DataError(f"{path}: no array {', '.join(missing)}", hint=f"expected {KEYS}")
    return arrays


def _check_zip(path: Path) -> None:
    """Looks at the first bytes: of other files NumPy says how to load them unsafely."""
    try:
        with path.open("rb") as file:
            start = file.read(LOOKED_AT)
    except FileNotFoundError as error:
        raise DataError(f"{path}: no such file", hint="name the file with --data") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})", hint="check the file and its rights") from error
    if start.removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(PAGE_STARTS):
        raise DataError(f"{path}: not an npz archive, it is a web page (HTML)", hint="download the file itself")
    if not start.startswith(ZIP_STARTS):
        raise DataError(f"{path}: not an npz archive, it is no zip archive", hint=f"expected {KEYS}")


def _array(path: Path, archive: Any, key: str) -> Any:
    """One array of numbers or words; NumPy's own message would advise to unpickle."""
    try:
        array = archive[key]
    except ValueError as error:
        what = f"array {key} holds Python objects instead of numbers, or is damaged"
        raise DataError(f"{path}: {what}", hint=f"expected {KEYS}") from error
    if not isinstance(array, np.ndarray) or not array.ndim:
        raise DataError(f"{path}: {key} is no array", hint=f"expected {KEYS}")
    return array


def _usages(path: Path, array: np.ndarray) -> np.ndarray:
    """0, 1, 2 for the three splits, which the archive may also name in words."""
    words = {name: k for k, name in enumerate(USAGES)} | {str(k): k for k in range(len(USAGES))}
    known = np.array([words.get(str(value), UNKNOWN) for value in array.tolist()])
    _check(path, "usage", known != UNKNOWN, array, hint=f"known: 0-2 or {', '.join(USAGES)}")
    return known


def _fer7(path: Path, array: np.ndarray) -> np.ndarray:
    good = np.isin(array, range(len(FER7)))
    _check(path, "emotion", good, array, hint=f"known: 0-6 for {', '.join(FER7)}")
    return array


def _votes(path: Path, array: np.ndarray) -> Ints:
    if array.ndim != 2 or array.shape[1] != len(VOTE_COLUMNS):
        raise DataError(f"{path}: votes are {list(array.shape)}", hint=f"expected {KEYS}")
    ten = array.astype(np.int64)
    _check(path, "votes", (ten.min(axis=1) >= 0) & (ten.sum(axis=1) > 0), array, hint="at least one vote a face")
    return ten


def _check(path: Path, key: str, good: np.ndarray, array: np.ndarray, *, hint: str) -> None:
    if not good.all():
        row = int(np.argmin(good))
        raise DataError(f"{path}, {key}, row {row}: unknown class or value {array[row].tolist()!r}", hint=hint)
