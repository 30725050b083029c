"""Tasks of an ELAN document: the annotations of one of its tiers, on the clock of each linked film.

A second tier called "Mode" may give the mode of each task by an annotation of the same times.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from classroom_fer.exchange.eaf import Annotation, ElanDocument, Tier
from classroom_fer.exchange.eaf_reader import parse_eaf
from classroom_fer.exchange.films import Film, listed
from classroom_fer.exchange.reading import Found, FoundRow, name_of, refuse
from classroom_fer.lesson.tasks import Part, task_mode

COLUMNS: Mapping[Part, str] = {"task": "annotation", "start": "begin time", "end": "end time", "mode": "mode"}
MODE_TIER = "Mode"
HINT = "correct it in ELAN and save; docs/tasks.md says how documents are read"
OVERLAP = "tasks may not overlap: annotations of one tier never do in ELAN; is this the tier of the tasks?"


def is_eaf(data: bytes) -> bool:
    """Whether these bytes are an ELAN document."""
    return b"<ANNOTATION_DOCUMENT" in data[:2000]


def read(data: bytes, path: Path, tier: str | None) -> Found:
    """Every annotation of the tier.

    Args: ``tier`` is needed where several tiers hold annotations.

    Raises:
        ExchangeError: the document is damaged.
        TaskFileError: no such tier, or none was named and several may be meant.
    """
    document = parse_eaf(data, path)
    chosen = chosen_tier(document, path, tier)
    films = tuple(Film(media.name, -media.offset_s) for media in document.media)
    modes = document.tier(MODE_TIER) if chosen.name != MODE_TIER else None
    rows = (_row(number, one, films, modes) for number, one in enumerate(chosen.annotations, start=1))
    row_word = f"tier {chosen.name!r}, annotation"
    return Found(tuple(rows), COLUMNS, numbered=True, overlap_remedy=OVERLAP, row_word=row_word, hint=HINT)


def chosen_tier(document: ElanDocument, path: Path, wanted: str | None) -> Tier:
    """The tier that is called so; without a name the only one that holds annotations, besides modes.

    Raises:
        TaskFileError: listing the tiers.
    """
    held = [tier for tier in document.tiers if tier.annotations]
    names = listed([tier.name for tier in held])
    if not held:
        refuse(
            [f"{path}: no tier of this ELAN document holds an annotation"], "mark the tasks as annotations of a tier"
        )
    if wanted is None:
        meant = [tier for tier in held if tier.name != MODE_TIER] or held
        if len(meant) > 1:
            refuse(
                [f"{path}: annotations of {len(held)} tiers are in this ELAN document: {names}"], _name_one(meant[0])
            )
        return meant[0]
    found = document.tier(wanted)
    if found is None or not found.annotations:
        what = "has no annotation" if found else "is not in this ELAN document"
        refuse([f"{path}: the tier {wanted[:60]!r} {what}; tiers with annotations: {names}"], _name_one(held[0]))
    return found


def _name_one(tier: Tier) -> str:
    return f"say which one holds the tasks: --tier {shlex.quote(tier.name)}"


def _row(number: int, one: Annotation, films: tuple[Film, ...], modes: Tier | None) -> FoundRow:
    row = FoundRow(number, films=films)
    if one.start_s is None or one.end_s is None:
        row.kind = "unknown"
        return row
    if not one.text.strip():
        row.kind = "unnamed"
        return row
    row.name = name_of(row, one.text)
    row.start_s, row.end_s = one.start_s, one.end_s
    if modes is not None:
        same = (mode for mode in modes.annotations if (mode.start_s, mode.end_s) == (one.start_s, one.end_s))
        row.mode = next((known for mode in same if (known := task_mode(mode.text))), row.mode)
    return row
