"""The coding sheet as documents of ELAN, one for each film: an empty annotation for every answer, over its clip.

Annotations of one tier may not overlap in ELAN, and two clips may show two places at one time. So clips stand in lanes:
"clip 1", "on_task 1" ... for the first clip of a moment, "clip 2", "on_task 2" ... for the second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from classroom_fer.exchange.eaf import Annotation, ElanDocument, Media, Tier, eaf_bytes
from classroom_fer.exchange.eaf_reader import parse_eaf
from classroom_fer.study.codebook import QUESTIONS
from classroom_fer.study.sheets import OPEN, CodedClip, FoundCodes, Sheet, SheetClip

SHEET_TIER, CLIP_TIER = "sheet", "clip"
ID_S = 0.5
"""Length of the annotation that holds the sheet's id."""
CLIP = re.compile(r"clip (\d+)\b")
SLACK_S = 0.05
"""An answer belongs to a clip whose times are the same up to this: ELAN snaps to pictures."""


def sheet_documents(sheet: Sheet) -> list[tuple[str, bytes]]:
    """(name, content) of a document for each film."""
    films: dict[str, list[SheetClip]] = {}
    for clip in sheet.clips:
        films.setdefault(clip.film, []).append(clip)
    return [
        (f"sheet-{sheet.observer}-{PurePath(film).name}.eaf", eaf_bytes(_document(sheet, film, clips), sheet.drawn_at))
        for film, clips in films.items()
    ]


def _document(sheet: Sheet, film: str, clips: Sequence[SheetClip]) -> ElanDocument:
    tiers = [Tier(SHEET_TIER, (Annotation(0.0, ID_S, sheet.sheet_id),), participant=sheet.observer)]
    for number, lane in enumerate(_lanes(clips), start=1):
        shown = tuple(
            Annotation(c.start_s, c.end_s, f"clip {c.number}: {c.where}. Task: {c.task} ({c.mode})") for c in lane
        )
        tiers.append(Tier(f"{CLIP_TIER} {number}", shown))
        empty = tuple(Annotation(c.start_s, c.end_s, OPEN) for c in lane)
        tiers += [Tier(f"{question.key} {number}", empty, participant=sheet.observer) for question in QUESTIONS]
    return ElanDocument(tuple(tiers), (Media(film),), author=sheet.sheet_id)


def _lanes(clips: Sequence[SheetClip]) -> list[list[SheetClip]]:
    """Clips in order of time, each in the first lane that is free."""
    lanes: list[list[SheetClip]] = []
    for clip in sorted(clips, key=lambda c: (c.start_s, c.number)):
        lane = next((lane for lane in lanes if lane[-1].end_s <= clip.start_s), None)
        if lane is None:
            lanes.append([clip])
        else:
            lane.append(clip)
    return lanes


def read_document_codes(data: bytes, path: Path) -> FoundCodes:
    """The codes of a document. ExchangeError if it is damaged, or of a newer format."""
    document = parse_eaf(data, path)
    named = document.tier(SHEET_TIER)
    found = FoundCodes(path, {one.text.strip() for one in named.annotations} if named else set())
    for tier in document.tiers:
        kind, _, lane = tier.name.partition(" ")
        if kind == CLIP_TIER:
            found.clips += _coded(document, tier, lane, found)
    return found


def _coded(document: ElanDocument, tier: Tier, lane: str, found: FoundCodes) -> Iterator[CodedClip]:
    for number, one in enumerate(tier.annotations, start=1):
        match = CLIP.match(one.text)
        where = f"tier {tier.name!r}, annotation {number}"
        if match is None:
            found.mistakes.append(f"{where}: {one.text[:40]!r} names no clip")
            continue
        answers = {question.key: _answer(document.tier(f"{question.key} {lane}"), one) for question in QUESTIONS}
        yield CodedClip(int(match.group(1)), answers, where)


def _answer(tier: Tier | None, clip: Annotation) -> str:
    """What stands in the tier over the clip."""
    same = (one.text for one in (tier.annotations if tier else ()) if _close(one, clip))
    return next((text.strip().lower() for text in same if text.strip()), OPEN)


def _close(one: Annotation, other: Annotation) -> bool:
    times = (one.start_s, other.start_s, one.end_s, other.end_s)
    if any(time is None for time in times):
        return False
    a, b, c, d = (float(time or 0.0) for time in times)
    return abs(a - b) < SLACK_S and abs(c - d) < SLACK_S
