"""ELAN's documents (``.eaf``): tiers of annotations on the clock of the linked media, as records and as bytes.

Written is EAF 2.8, which every ELAN since 4.9 opens (3.0 differs in what is not used here); elements, attributes and
their order are those of EAFv2.8.xsd.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from xml.etree.ElementTree import Element, SubElement, indent, tostring

Span = tuple[int, int, str]
"""Milliseconds of begin and end, and the text."""
MEDIA_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mpg": "video/mpeg",
    ".mpeg": "video/mpeg",
    ".avi": "video/x-msvideo",
    ".mkv": "video/x-matroska",
    ".webm": "video/webm",
    ".wmv": "video/x-ms-wmv",
    ".wav": "audio/x-wav",
}
OTHER_MEDIA = "unknown"
"""What ELAN writes for an ending that it does not know; it then asks the file."""
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv2.8.xsd"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_STEREOTYPES = {
    "Time_Subdivision": (
        "Time subdivision of parent annotation's time interval, no time gaps allowed within this interval"
    ),
    "Symbolic_Subdivision": (
        "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are ordered"
    ),
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps are allowed",
}
"""What ELAN itself writes into each document, letter by letter."""
_LINGUISTIC_TYPE = "default-lt"


@dataclass(frozen=True, slots=True)
class Annotation:
    """A stretch of the document's clock with a text; a time is None where the coder left it open."""

    start_s: float | None
    end_s: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Tier:
    """A named row of annotations, in order of time."""

    name: str
    annotations: tuple[Annotation, ...] = ()
    participant: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A linked file."""

    name: str
    """A file name, or a path or address of the coder's computer."""
    offset_s: float = 0.0
    """How far into the file the document's clock begins: film time = annotation time + offset."""


@dataclass(frozen=True, slots=True)
class ElanDocument:
    """What an ``.eaf`` holds."""

    tiers: tuple[Tier, ...]
    media: tuple[Media, ...] = ()
    author: str = "classroom-fer"

    def tier(self, name: str) -> Tier | None:
        """The tier of that name."""
        return next((tier for tier in self.tiers if tier.name == name), None)


def eaf_bytes(document: ElanDocument, date: datetime) -> bytes:
    """The document as ELAN opens it; the same bytes for the same document and date.

    Media are named by their file name alone, so that ELAN finds the film beside the document and asks otherwise.

    Raises:
        ValueError: an annotation has no length or lies on another one of its tier, which ELAN has no room for; a time
            is open or negative.
    """
    root = Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": _plain(document.author),
            "DATE": date.isoformat(timespec="seconds"),
            "FORMAT": "2.8",
            "VERSION": "2.8",
            "xmlns:xsi": _XSI,
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    rows = [(tier, _in_milliseconds(tier)) for tier in document.tiers]
    _add_header(root, document.media, sum(len(spans) for _, spans in rows))
    _add_tiers(root, rows)
    kind = {"GRAPHIC_REFERENCES": "false", "LINGUISTIC_TYPE_ID": _LINGUISTIC_TYPE, "TIME_ALIGNABLE": "true"}
    SubElement(root, "LINGUISTIC_TYPE", kind)
    for name, description in _STEREOTYPES.items():
        SubElement(root, "CONSTRAINT", {"DESCRIPTION": description, "STEREOTYPE": name})
    indent(root, "    ")
    return bytes(tostring(root, encoding="UTF-8", xml_declaration=True)) + b"\n"


def _in_milliseconds(tier: Tier) -> list[Span]:
    """(start, end, text) of a tier that ELAN can hold."""
    spans: list[Span] = []
    for one in tier.annotations:
        if one.start_s is None or one.end_s is None:
            raise ValueError(f"tier {tier.name!r}: {one.text!r} has an open time")
        start, end = round(1000 * one.start_s), round(1000 * one.end_s)
        if start < 0 or end <= start:
            raise ValueError(f"tier {tier.name!r}: {one.text!r} has no length ({start} to {end} ms)")
        if spans and start < spans[-1][1]:
            raise ValueError(f"tier {tier.name!r}: {one.text!r} begins before {spans[-1][2]!r} ends")
        spans.append((start, end, one.text))
    return spans


def _add_header(root: Element, media: Sequence[Media], annotations: int) -> None:
    header = SubElement(root, "HEADER", {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"})
    for file in media:
        name = _plain(file.name)
        kind = MEDIA_TYPES.get(PurePath(name).suffix.lower(), OTHER_MEDIA)
        values = {"MEDIA_URL": f"file:///{name}", "MIME_TYPE": kind, "RELATIVE_MEDIA_URL": f"./{name}"}
        descriptor = SubElement(header, "MEDIA_DESCRIPTOR", values)
        if file.offset_s:
            descriptor.set("TIME_ORIGIN", str(round(1000 * file.offset_s)))
    SubElement(header, "PROPERTY", {"NAME": "lastUsedAnnotationId"}).text = str(annotations)


def _add_tiers(root: Element, rows: Sequence[tuple[Tier, Sequence[Span]]]) -> None:
    """The time slots in order of time, as ELAN wants them, then the tiers that refer to them."""
    edges = [edge for _, spans in rows for start, end, _ in spans for edge in (start, end)]
    order, slots = SubElement(root, "TIME_ORDER"), [""] * len(edges)
    for number, index in enumerate(sorted(range(len(edges)), key=edges.__getitem__), start=1):
        slots[index] = f"ts{number}"
        SubElement(order, "TIME_SLOT", {"TIME_SLOT_ID": slots[index], "TIME_VALUE": str(edges[index])})
    number = 0
    for tier, spans in rows:
        element = SubElement(root, "TIER", {"LINGUISTIC_TYPE_REF": _LINGUISTIC_TYPE, "TIER_ID": _plain(tier.name)})
        if tier.participant:
            element.set("PARTICIPANT", _plain(tier.participant))
        for _, _, text in spans:
            number += 1
            ends = {"TIME_SLOT_REF1": slots[2 * number - 2], "TIME_SLOT_REF2": slots[2 * number - 1]}
            holder = SubElement(element, "ANNOTATION")
            aligned = SubElement(holder, "ALIGNABLE_ANNOTATION", {"ANNOTATION_ID": f"a{number}", **ends})
            SubElement(aligned, "ANNOTATION_VALUE").text = _plain(text)


def _plain(text: str) -> str:
    """Text without the characters that XML has no way to write."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
