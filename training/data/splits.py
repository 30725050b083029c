"""Faces and labels of one split, from any layout that people have FER2013 in, by any protocol.

Layouts: `training.data.readers`; protocols: `training.data.protocols`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from classroom_fer.lesson.records import EMOTIONS, Image
from classroom_fer.terminal import counted
from training.data.leave_out import check_known, read_leave_out
from training.data.protocols import FOLDERS, PROTOCOLS, Protocol, Selection, protocol_named, select
from training.data.readers.faces import (
    FER7,
    SIDE_PX,
    UNKNOWN,
    USAGES,
    VOTE_COLUMNS,
    DataError,
    Faces,
    Fault,
    raise_fault,
)
from training.data.readers.mosaics import COLUMNS, LABELS_FILE, SPLITS, read_mosaic
from training.data.readers.source import Source, open_source

__all__ = [
    "COLUMNS", "FER7", "LABELS_FILE", "PROTOCOLS", "SPLITS", "TILE_PX", "UNKNOWN", "USAGES",
    "VOTE_COLUMNS", "DataError", "Split", "classes_of", "counts_of", "open_source", "read_mosaic", "read_split",
]  # fmt: skip

TILE_PX = SIDE_PX
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The faces of one split that a protocol keeps."""

    images: Image
    """Grey [N, 48, 48]."""
    labels: npt.NDArray[np.int64]
    """[N], index into ``classes``."""
    votes: npt.NDArray[np.float32]
    """[N, C], soft targets, each row sums to 1: shares of the votes, one-hot where there are none."""
    fer7: npt.NDArray[np.int64]
    """[N], FER2013's own label (index into FER7), or UNKNOWN."""
    classes: tuple[str, ...] = EMOTIONS
    names: tuple[str, ...] = ()
    """[N], of the pictures, unique within the split."""
    tallies: npt.NDArray[np.int64] | None = None
    """[N, 10], the votes as they were counted, by VOTE_COLUMNS; None where the source has none."""
    remarks: tuple[str, ...] = ()
    """What was read, and where it is not quite what the protocol asks for (this is logged as well)."""


def read_split(
    source: Path, usage: str, *, protocol: str = "P8", limit: int | None = None, leave_out: Path | None = None
) -> Split:
    """The faces of ``usage`` (Training, PublicTest or PrivateTest) by ``protocol``.

    Args:
        source: a file or folder in any layout of `training.data.readers`.
        protocol: a name of PROTOCOLS. Where its vote file is missing the other one is used, with a warning.
        limit: only the first so many of those that the protocol keeps.
        leave_out: a manifest that `python -m training clean` wrote.

    Raises:
        DataError: the data is missing or malformed, or a class has no face (file and line, or folder, are named).
        ConfigError: unknown protocol.
    """
    named = protocol_named(protocol)
    opened = open_source(source)
    chosen = _with_classes(named, opened)
    faults: list[Fault] = []
    faces = opened.read(usage, raise_fault if leave_out is None else _excusing(leave_out, usage, faults))
    remarks = [opened.found]
    selection = _select(faces, chosen, opened)
    if leave_out is not None:
        before = len(selection.rows)
        selection = _without(selection, faces, leave_out, {fault.name for fault in faults})
        gone = before - len(selection.rows) + len(faults)
        remarks.append(f"{counted(gone, 'face')} of {usage} left out by {leave_out}")
        LOG.warning("%s: %s", opened.path, remarks[-1])
    _check_classes(selection, chosen, opened, usage)
    if selection.remark:
        LOG.warning("%s %s: %s", opened.path, usage, selection.remark)
    remarks += [selection.remark] if selection.remark else []
    return _kept(faces, selection, chosen, limit, tuple(remarks))


def _kept(faces: Faces, selection: Selection, protocol: Protocol, limit: int | None, remarks: tuple[str, ...]) -> Split:
    """The first ``limit`` of the selected faces."""
    rows = selection.rows[:limit]
    tallies = faces.votes if faces.votes is not None and protocol.name != "P8-lit" else faces.label_votes
    return Split(
        images=faces.images[rows],
        labels=selection.labels[:limit],
        votes=selection.votes[:limit],
        fer7=faces.fer7[rows],
        classes=protocol.classes,
        names=tuple(faces.names[k] for k in rows),
        tallies=None if tallies is None else tallies[rows],
        remarks=remarks,
    )


def counts_of(source: Source, splits: Iterable[Faces], protocol: str) -> list[int]:
    """How many faces of each of ``splits``, read from ``source``, a protocol keeps.

    Raises:
        DataError: the source cannot answer the protocol.
        ConfigError: unknown protocol.
    """
    chosen = _with_classes(protocol_named(protocol), source)
    return [len(_select(faces, chosen, source).rows) for faces in splits]


def classes_of(source: Path, protocol: str) -> tuple[str, ...]:
    """The classes that ``protocol`` gives for ``source``; only "folders" needs to look at it.

    Raises:
        DataError, ConfigError: see `read_split`.
    """
    chosen = protocol_named(protocol)
    return _with_classes(chosen, open_source(source)).classes if protocol == FOLDERS else chosen.classes


def _with_classes(protocol: Protocol, source: Source) -> Protocol:
    """Protocol "folders" takes its classes from the source."""
    return replace(protocol, classes=source.folder_classes) if protocol.name == FOLDERS else protocol


def _excusing(manifest: Path, usage: str, faults: list[Fault]) -> Callable[[Fault], None]:
    """Faults that the manifest lists are collected, others are errors."""
    listed = read_leave_out(manifest, usage)

    def on_fault(fault: Fault) -> None:
        if fault.name not in listed:
            raise_fault(fault)
        faults.append(fault)

    return on_fault


def _select(faces: Faces, protocol: Protocol, source: Source) -> Selection:
    """The protocol's rows; its errors get the place that it cannot know."""
    if faces.votes is None and faces.label_votes is None and protocol.name != FOLDERS:
        for name in source.folder_classes:
            if name not in EMOTIONS:
                raise DataError(
                    f"{source.place_of(faces.usage, name)}: unknown class {name!r}",
                    hint=f"rename the folder to one of {', '.join(EMOTIONS)}, or use --protocol {FOLDERS}",
                )
    try:
        return select(faces, protocol)
    except DataError as error:
        raise DataError(f"{source.path}: {error}", hint=error.hint) from error


def _without(selection: Selection, faces: Faces, manifest: Path, unreadable: set[str]) -> Selection:
    wanted = read_leave_out(manifest, faces.usage)
    check_known(manifest, wanted, unreadable | set(faces.names), faces.usage)
    kept = np.array([faces.names[k] not in wanted for k in selection.rows], bool)
    return replace(selection, rows=selection.rows[kept], labels=selection.labels[kept], votes=selection.votes[kept])


def _check_classes(selection: Selection, protocol: Protocol, source: Source, usage: str) -> None:
    present = np.bincount(selection.labels, minlength=len(protocol.classes))
    for name, count in zip(protocol.classes, present, strict=True):
        if count == 0:
            raise DataError(
                f"{source.place_of(usage, name)}: no face of class {name!r} in {usage} by protocol {protocol.name}",
                hint="add pictures of it, or use a protocol without this class",
            )
