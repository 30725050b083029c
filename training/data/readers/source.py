"""Finds out in which layout a path holds its faces, and says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from training.data.readers.archive import read_npz
from training.data.readers.faces import DataError, Faces, OnFault, raise_fault
from training.data.readers.folders import Layout, class_place, find_splits, read_folders, read_layout
from training.data.readers.kaggle_csv import is_pixel_table, read_kaggle_csv
from training.data.readers.label_files import NEW_CSV, find_label_files
from training.data.readers.mosaics import LABELS_FILE, SPLITS, read_mosaics

LAYOUTS = "mosaics with labels.csv, fer2013.csv [+ fer2013new.csv], image folders train[/validation]/test, or one .npz"
Reader: TypeAlias = Callable[[str, OnFault], Faces]


@dataclass(frozen=True, slots=True)
class Source:
    """A place with faces, opened by `open_source`."""

    path: Path
    """File or folder that errors about classes name."""
    found: str
    """One line: layout, and which labels lie beside the pictures."""
    reader: Reader
    layout: Layout | None = None
    """Of image folders."""

    @property
    def folder_classes(self) -> tuple[str, ...]:
        """Classes that folders are named after; empty elsewhere."""
        return self.layout.classes if self.layout else ()

    def read(self, usage: str, on_fault: OnFault = raise_fault) -> Faces:
        """The faces of one split.

        Raises:
            DataError: the split is missing, or malformed in a way that is not the fault of one picture.
        """
        return self.reader(usage, on_fault)

    def place_of(self, usage: str, name: str) -> str:
        """Where faces of a class should have been."""
        return class_place(self.layout, usage, name) if self.layout else str(self.path)


def open_source(path: Path) -> Source:
    """Looks at the names in ``path`` (nothing is decoded).

    Raises:
        DataError: nothing there, or no layout that is known.
    """
    if not path.exists():
        raise DataError(f"{path}: no such file or folder", hint="name the data with --data (see training/DATA.md)")
    if path.is_file():
        return _open_file(path)
    if (path / LABELS_FILE).is_file() or any((path / name).is_file() for name in SPLITS.values()):
        return Source(path / LABELS_FILE, f"mosaics in {path}{_labels_beside(path)}", partial(read_mosaics, path))
    tables = [p for p in sorted(path.glob("*.csv")) if p.name != NEW_CSV and is_pixel_table(p)]
    named = [p for p in tables if p.name == "fer2013.csv"] or tables
    archives = sorted(path.glob("*.npz"))
    splits = find_splits(path)
    for files in (named, archives):
        if len(files) > 1:
            raise DataError(f"{path}: {files[0].name} and {files[1].name}", hint="name one of them with --data")
        if files and not splits:
            return _open_file(files[0])
    if splits:
        return _open_folders(path)
    present = ", ".join(sorted(p.name for p in path.iterdir())[:8]) or "nothing"
    raise DataError(f"{path}: no faces in a known layout; it holds {present}", hint=f"expected {LAYOUTS}")


def _open_file(path: Path) -> Source:
    if path.suffix.lower() == ".npz":
        return Source(path, f"arrays in {path}", partial(read_npz, path))
    if path.suffix.lower() == ".csv" and is_pixel_table(path):
        return Source(path, f"pixel rows in {path}{_labels_beside(path.parent)}", partial(read_kaggle_csv, path))
    raise DataError(f"{path}: no faces in it", hint=f"expected {LAYOUTS}")


def _open_folders(path: Path) -> Source:
    layout = read_layout(path)
    kind = f"class folders {', '.join(layout.classes)}" if layout.classes else "pictures without class folders"
    held = "; no validation folder, so every tenth training picture is PublicTest" if layout.held_out else ""
    return Source(path, f"{kind} in {path}{_labels_beside(path)}{held}", partial(read_folders, layout), layout)


def _labels_beside(folder: Path) -> str:
    files = sorted({p.relative_to(folder).as_posix() for p in find_label_files(folder).values()})
    beside = [*([NEW_CSV] if (folder / NEW_CSV).is_file() else []), *files]
    return f", with {', '.join(beside)}" if beside else ""
