"""Protocols: which faces count, under which classes, with which soft targets. Pure: labels in, rows out.

Sources: the code of the seed projects (``settings/systems.py``); Barsoum et al. 2016 (arXiv 1608.01041) and its public
code for the rule of P8-lit; Goodfellow et al. 2013 (arXiv 1307.0414) for P7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from classroom_fer.errors import ConfigError
from classroom_fer.lesson.records import EMOTIONS
from training.data.readers.faces import FER7, DataError, Faces, Ints

Shares: TypeAlias = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """The faces that a protocol keeps."""

    rows: Ints
    """[N], into Faces."""
    labels: Ints
    """[N], index into the protocol's classes."""
    votes: Shares
    """[N, C], each row sums to 1."""
    remark: str = ""
    """Where it is not quite what the protocol asks for."""


Rule: TypeAlias = Callable[[Faces, "Protocol"], Selection]


@dataclass(frozen=True, slots=True)
class Protocol:
    """A way to read labels."""

    name: str
    classes: tuple[str, ...]
    """Empty for "folders", whose classes are the folders' own names: ask `data.classes_of`."""
    rule: Rule = field(repr=False)
    meaning: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Faces of each split in the shared copy of FER2013, which lacks 173 pictures that are no faces."""


def select(faces: Faces, protocol: Protocol) -> Selection:
    """The rows of ``faces`` that ``protocol`` keeps, with labels and soft targets.

    Raises:
        DataError: the source lacks the labels that the protocol needs.
    """
    return protocol.rule(faces, protocol)


def protocol_named(name: str) -> Protocol:
    """The protocol of a name; ConfigError names the known ones."""
    if name not in PROTOCOLS:
        raise ConfigError(f"unknown protocol {name!r}", hint=f"known: {', '.join(PROTOCOLS)}")
    return PROTOCOLS[name]


def plurality(votes: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Which rows of ten votes win an emotion [N], and the winner [N]; a tie goes to the first column."""
    winner = votes.argmax(axis=1).astype(np.int64)
    return (winner < len(EMOTIONS)) & (votes.sum(axis=1) > 0), winner


def majority(votes: Ints) -> tuple[npt.NDArray[np.bool_], Ints]:
    """FER+'s published rule: single votes do not count, and the winner must have more than half of what remains.

    Gives which rows are kept [N] and the remaining votes [N, 10].
    """
    remaining = np.where(votes == 1, 0, votes)
    kept, _ = plurality(remaining)
    return kept & (2 * remaining.max(axis=1) > remaining.sum(axis=1)), remaining


def shares(votes: Ints) -> Shares:
    """[N, 8]: votes for the eight emotions, each row divided by its sum."""
    eight = votes[:, : len(EMOTIONS)]
    result: Shares = (eight / eight.sum(axis=1, keepdims=True)).astype(np.float32)
    return result


def one_hot(labels: Ints, classes: int) -> Shares:
    """[N, classes] of labels [N]."""
    return np.eye(classes, dtype=np.float32)[labels]


def _by_plurality(faces: Faces, protocol: Protocol) -> Selection:
    """P8: argmax of the ten votes of fer2013new.csv; winners "unknown" and "NF" are left out."""
    votes, remark = faces.votes, ""
    if votes is None and faces.label_votes is not None:
        votes, remark = faces.label_votes, "P8 from FER+ label files, which differ from fer2013new.csv on some images"
    if votes is None:
        return _eight_folders(faces, protocol)
    kept, winner = plurality(votes)
    rows = np.flatnonzero(kept)
    return Selection(rows, winner[rows], shares(votes[rows]), remark)


def _by_majority(faces: Faces, protocol: Protocol) -> Selection:
    """P8-lit: the FER+ authors' label files and their rule."""
    votes, remark = faces.label_votes, ""
    if votes is None and faces.votes is not None:
        votes, remark = faces.votes, "P8-lit from fer2013new.csv, which differs from FER+'s label files on some images"
    if votes is None:
        raise DataError("P8-lit needs the votes of FER+", hint="put label_{train,valid,test}.csv beside the pictures")
    kept, remaining = majority(votes)
    rows = np.flatnonzero(kept)
    return Selection(rows, remaining[rows].argmax(axis=1).astype(np.int64), shares(remaining[rows]), remark)


def _eight_folders(faces: Faces, protocol: Protocol) -> Selection:
    """P8 without votes: eight class folders carry FER+-like labels, seven are FER2013's and another question."""
    labels = faces.folder_labels
    if labels is None or (faces.fer7 >= 0).any() or not set(faces.folder_classes) <= set(EMOTIONS):
        raise DataError(
            "P8 needs the votes of FER+, this source has FER2013's own labels",
            hint="put fer2013new.csv beside it, or use --protocol P7",
        )
    ours = np.array([EMOTIONS.index(name) for name in faces.folder_classes], np.int64)[labels]
    return Selection(np.arange(len(ours)), ours, one_hot(ours, len(EMOTIONS)), "P8 from class folders, without votes")


def _by_fer7(faces: Faces, protocol: Protocol) -> Selection:
    """P7, P4, P2: FER2013's own label; faces of other classes are left out."""
    if not (faces.fer7 >= 0).any():
        raise DataError(
            f"{protocol.name} needs FER2013's own labels, which this source does not have",
            hint="missing column emotion, or class folders other than FER2013's seven: try --protocol P8 or folders",
        )
    table = np.full(len(FER7), -1, np.int64)
    for label, name in enumerate(protocol.classes):
        table[FER7.index(name)] = label
    labels = np.where(faces.fer7 >= 0, table[faces.fer7], -1)
    rows = np.flatnonzero(labels >= 0)
    return Selection(rows, labels[rows], one_hot(labels[rows], len(protocol.classes)))


def _by_folder(faces: Faces, protocol: Protocol) -> Selection:
    """folders: whatever the class folders are named."""
    labels = faces.folder_labels
    if labels is None:
        raise DataError("protocol folders needs a folder for each class", hint="use P8, P8-lit, P7, P4 or P2")
    return Selection(np.arange(len(labels)), labels, one_hot(labels, len(protocol.classes)))


def _counts(training: int, public: int, private: int) -> Mapping[str, int]:
    return MappingProxyType({"Training": training, "PublicTest": public, "PrivateTest": private})


FOLDERS = "folders"
PROTOCOLS: Mapping[str, Protocol] = MappingProxyType(
    {
        protocol.name: protocol
        for protocol in (
            Protocol("P8", EMOTIONS, _by_plurality, "FER+ plurality of ten votes", _counts(28_389, 3_553, 3_546)),
            Protocol("P8-lit", EMOTIONS, _by_majority, "FER+ majority, as published", _counts(25_045, 3_191, 3_137)),
            Protocol("P7", FER7, _by_fer7, "FER2013's seven labels", _counts(28_561, 3_579, 3_574)),
            Protocol(
                "P4",
                ("happy", "sad", "surprise", "neutral"),
                _by_fer7,
                "four of FER2013",
                _counts(20_069, 2_564, 2_508),
            ),
            Protocol("P2", ("happy", "sad"), _by_fer7, "two of FER2013", _counts(11_985, 1_540, 1_466)),
            Protocol(FOLDERS, (), _by_folder, "class folders of any names"),
        )
    }
)
"""By name. P8 and P8-lit: counts set beforehand; P7, P4, P2: counted in labels.csv."""
