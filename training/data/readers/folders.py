"""Image folders: ``train/validation/test`` or ``train/test``, with a folder for each class or FER+ label files.

Without a validation folder every tenth training picture of each class, by name, is PublicTest and not Training.
Pictures of other sizes are made 48x48, colour is made grey.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from classroom_fer.lesson.records import Image
from training.data.readers.class_names import class_order, fer7_index, our_name
from training.data.readers.faces import (
    SIDE_PX,
    UNKNOWN,
    VOTE_COLUMNS,
    DataError,
    Faces,
    Fault,
    Ints,
    OnFault,
    check_usage,
    stacked,
    ten_columns,
)  # fmt: skip
from training.data.readers.label_files import NEW_CSV, SPLIT_WORDS, find_label_files, label_votes, read_new_csv

SUFFIXES = {".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".tif", ".tiff", ".webp"}
JPEG_TAIL = 65_536
"""Bytes at the end in which a whole JPEG has its end marker; cameras append notes of their own behind it (choice)."""
HELD_OUT = 10
"""One of so many training pictures validates where there is no validation folder; choice."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a tree of image folders holds."""

    root: Path
    splits: dict[str, Path]
    """Folder by split; PublicTest is missing where it is taken from Training."""
    classes: tuple[str, ...]
    """By our names where they mean an emotion; empty where pictures lie without class folders."""
    held_out: bool
    """PublicTest is a tenth of the training folder."""


def find_splits(root: Path) -> dict[str, Path]:
    """Folders of ``root`` by the split that their names mean."""
    found: dict[str, Path] = {}
    for folder in sorted(p for p in root.iterdir() if p.is_dir()):
        for usage, words in SPLIT_WORDS.items():
            if folder.name.lower() in words:
                if usage in found:
                    raise DataError(
                        f"{root}: both {found[usage].name} and {folder.name} mean {usage}",
                        hint="leave one of them there",
                    )
                found[usage] = folder
    return found


def read_layout(root: Path) -> Layout:
    """The splits and classes of a tree.

    Raises:
        DataError: no training or test folder.
    """
    splits = find_splits(root)
    for usage in ("Training", "PrivateTest"):
        if usage not in splits:
            raise DataError(f"{root}: no folder for {usage}", hint=f"name it {' or '.join(SPLIT_WORDS[usage][:2])}")
    names = {our_name(p.name) for folder in splits.values() for p in _class_folders(folder)}
    return Layout(root, splits, class_order(names), held_out="PublicTest" not in splits)


def read_folders(layout: Layout, usage: str, on_fault: OnFault) -> Faces:
    """The faces of ``usage``; a picture that does not decode goes to ``on_fault``.

    Raises:
        DataError: no pictures, an empty class folder, or wrong label files.
    """
    check_usage(usage)
    images: list[Image] = []
    kept: list[Path] = []
    for path in _pictures(layout, usage):
        try:
            images.append(_picture(path))
        except ValueError as error:
            name = path.relative_to(layout.root).as_posix()
            on_fault(Fault(usage, name, str(path), str(error), "remove the file or copy it again (`clean` lists them)"))
            continue
        kept.append(path)
    labels = np.array([_class_index(layout, path) for path in kept], np.int64)
    new, listed = _label_files(layout, usage, kept)
    return Faces(
        usage,
        stacked(images),
        tuple(path.relative_to(layout.root).as_posix() for path in kept),
        _fer7(layout, labels),
        votes=new,
        label_votes=listed,
        folder_labels=labels if layout.classes else None,
        folder_classes=layout.classes,
    )


def class_place(layout: Layout, usage: str, name: str) -> str:
    """The folder in which pictures of a class (by any of its names) lie or should lie."""
    split = layout.splits.get(usage, layout.splits["Training"])
    for folder in _class_folders(split):
        if our_name(folder.name) == our_name(name):
            return str(folder)
    return str(split / name)


def _class_folders(split: Path) -> list[Path]:
    return sorted(p for p in split.iterdir() if p.is_dir() and not p.name.startswith("."))


def _pictures(layout: Layout, usage: str) -> list[Path]:
    """Files of a split: with class folders in a fixed shuffle of their names, so that a limit takes all classes even
    where names begin with the class; else by name."""
    split = layout.splits.get(usage, layout.splits["Training"])
    folders = _class_folders(split) if layout.classes else [split]
    if not folders:
        raise DataError(f"{split}: no class folders in it, other splits have them", hint="sort its pictures by class")
    chosen: list[Path] = []
    for folder in folders:
        files = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES and not p.name.startswith("."))
        if not files:
            raise DataError(f"{folder}: no pictures in it", hint=f"add {', '.join(sorted(SUFFIXES))} or remove it")
        if layout.held_out and usage != "PrivateTest":
            wanted = usage == "PublicTest"
            files = [p for k, p in enumerate(files) if (k % HELD_OUT == HELD_OUT - 1) == wanted]
        chosen += files
    return sorted(chosen, key=_shuffled if layout.classes else lambda p: (0, p.name, ""))


def _shuffled(path: Path) -> tuple[int, str, str]:
    return zlib.crc32(path.name.encode()), path.name, path.parent.name


def _picture(path: Path) -> Image:
    """Grey [48, 48]; ValueError says what is wrong."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error
    if not content:
        raise ValueError("an empty file")
    image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ValueError("not a picture that can be decoded")
    if _is_cut(content):
        raise ValueError("a picture that was cut off")
    if image.shape != (SIDE_PX, SIDE_PX):
        smaller = min(image.shape) > SIDE_PX
        image = cv2.resize(image, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return np.ascontiguousarray(image, dtype=np.uint8)


def _is_cut(content: bytes) -> bool:
    """PNG without its last chunk or JPEG without its end marker: decoders fill such pictures with grey."""
    if content.startswith(b"\x89PNG"):
        return b"IEND" not in content[-64:]
    if content.startswith(b"\xff\xd8"):
        return b"\xff\xd9" not in content[-JPEG_TAIL:]
    return False


def _class_index(layout: Layout, path: Path) -> int:
    return layout.classes.index(our_name(path.parent.name)) if layout.classes else UNKNOWN


def _fer7(layout: Layout, labels: Ints) -> Ints:
    """FER2013 labels where every class folder is one of FER2013's seven; with contempt they are FER+ labels."""
    numbers = [fer7_index(name) for name in layout.classes]
    if not numbers or None in numbers:
        return np.full(len(labels), UNKNOWN, np.int64)
    return np.array(numbers, np.int64)[labels]


def _label_files(layout: Layout, usage: str, kept: Sequence[Path]) -> tuple[Ints | None, Ints | None]:
    """Votes of fer2013new.csv and of the label files, by file name, where they are there."""
    names = tuple(path.name for path in kept)
    new, listed = None, None
    if (layout.root / NEW_CSV).is_file():
        rows: dict[str, list[int]] = defaultdict(lambda: [0] * len(VOTE_COLUMNS))
        rows |= {row.name: row.votes for row in read_new_csv(layout.root / NEW_CSV) if row.name}
        new = ten_columns([rows[name] for name in names])
    files = find_label_files(layout.root)
    if layout.held_out and "Training" in files:
        files = files | {"PublicTest": files["Training"]}
    if usage in files:
        listed = label_votes(files[usage], names)
    return new, listed
