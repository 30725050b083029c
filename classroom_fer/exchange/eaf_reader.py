"""Reading ELAN's documents: a file from elsewhere, so it may hold no document type, no entities and no surprises."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from classroom_fer.errors import ExchangeError
from classroom_fer.exchange.eaf import Annotation, ElanDocument, Media, Tier
from classroom_fer.exchange.source import read_bytes

NEWEST_FORMAT = 3
"""EAF 3.0 came with ELAN 5 (2017); today's ELAN still writes it."""
SAVE_AGAIN = "open it in ELAN, see whether all is there, and save it again"
Times = tuple[float | None, float | None]


def read_eaf(path: Path) -> ElanDocument:
    """The tiers and media of a document. ExchangeError if it cannot be read or is none of ELAN's."""
    return parse_eaf(read_bytes(path), path)


def parse_eaf(data: bytes, path: Path) -> ElanDocument:
    """The document in these bytes.

    Args: ``path`` names it in errors.

    Raises:
        ExchangeError: damaged, no document of ELAN, of a newer format, or its times are no milliseconds.
    """
    root = _root(data, path)
    header = root.find("HEADER")
    if header is not None and header.get("TIME_UNITS", "milliseconds") != "milliseconds":
        units = header.get("TIME_UNITS", "")[:40]
        raise ExchangeError(f"{path}: the times of this document are {units!r}, not milliseconds", hint=SAVE_AGAIN)
    slots = _slots(root, path)
    spans = _spans(root, slots, path)
    media = tuple(_media(element, path) for element in root.iterfind("HEADER/MEDIA_DESCRIPTOR"))
    tiers = tuple(_tier(element, spans) for element in root.iterfind("TIER"))
    return ElanDocument(tiers, media, root.get("AUTHOR", ""))


def _root(data: bytes, path: Path) -> Element:
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        line, column = error.position
        where = f"{path}, line {line}, column {column + 1}"
        raise ExchangeError(f"{where}: the ELAN document is cut off or damaged here", hint=SAVE_AGAIN) from error
    except (DefusedXmlException, ValueError, LookupError) as error:  # an encoding that nobody knows
        raise ExchangeError(
            f"{path}: this document holds what no ELAN document holds ({type(error).__name__})", hint=SAVE_AGAIN
        ) from error
    if root.tag != "ANNOTATION_DOCUMENT":
        raise ExchangeError(f"{path}: this is no document of ELAN (it begins with <{root.tag[:40]}>)", hint=SAVE_AGAIN)
    version = root.get("FORMAT", root.get("VERSION", ""))
    major = re.match(r"\d+", version)
    if major and int(major.group()[:4]) > NEWEST_FORMAT:
        raise ExchangeError(
            f"{path}: this document has ELAN's format {version[:10]}; known is {NEWEST_FORMAT}.0",
            hint="in ELAN choose File > Save as ... EAF 2.8, or File > Export as > Tab-delimited text",
        )
    return root


def _slots(root: Element, path: Path) -> dict[str, float | None]:
    """Seconds of each time slot, None where it is open."""
    found: dict[str, float | None] = {}
    for slot in root.iterfind("TIME_ORDER/TIME_SLOT"):
        name, value = slot.get("TIME_SLOT_ID", ""), slot.get("TIME_VALUE")
        found[name] = None if value is None else _milliseconds(value, f"time slot {name[:20]!r}", path)
    return found


def _milliseconds(text: str, what: str, path: Path) -> float:
    if not re.fullmatch(r"\s*[+-]?\d{1,12}\s*", text):
        raise ExchangeError(f"{path}, {what}: {text[:40]!r} is no number of milliseconds", hint=SAVE_AGAIN)
    return int(text) / 1000


def _spans(root: Element, slots: Mapping[str, float | None], path: Path) -> dict[str, Times]:
    """When each annotation is; one that refers to another has that one's times."""
    spans: dict[str, Times] = {}
    refers: dict[str, str] = {}
    for element in root.iterfind("TIER/ANNOTATION/*"):
        name = element.get("ANNOTATION_ID", "")
        if element.tag == "ALIGNABLE_ANNOTATION":
            begin, end = element.get("TIME_SLOT_REF1", ""), element.get("TIME_SLOT_REF2", "")
            spans[name] = _slot(begin, slots, path), _slot(end, slots, path)
        else:
            refers[name] = element.get("ANNOTATION_REF", "")
    for name in refers:
        parent, seen = name, {name}
        while parent in refers and refers[parent] not in seen:
            parent = refers[parent]
            seen.add(parent)
        spans[name] = spans.get(parent, (None, None))
    return spans


def _slot(name: str, slots: Mapping[str, float | None], path: Path) -> float | None:
    if not slots:
        raise ExchangeError(f"{path}: this document has annotations and no time slots", hint=SAVE_AGAIN)
    if name not in slots:
        raise ExchangeError(f"{path}: the time slot {name[:20]!r} of an annotation is not there", hint=SAVE_AGAIN)
    return slots[name]


def _tier(element: Element, spans: Mapping[str, Times]) -> Tier:
    found = []
    for annotation in element.iterfind("ANNOTATION/*"):
        start, end = spans.get(annotation.get("ANNOTATION_ID", ""), (None, None))
        found.append(Annotation(start, end, annotation.findtext("ANNOTATION_VALUE") or ""))
    found.sort(key=lambda one: (one.start_s is None, one.start_s or 0.0))
    return Tier(element.get("TIER_ID", ""), tuple(found), element.get("PARTICIPANT", ""))


def _media(element: Element, path: Path) -> Media:
    name = element.get("MEDIA_URL", "").removeprefix("file:///") or element.get("RELATIVE_MEDIA_URL", "")
    return Media(name, _milliseconds(element.get("TIME_ORIGIN", "0"), f"media {name[:60]!r}", path))
