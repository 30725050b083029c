"""A school's logo, checked before it comes near the page: a local PNG or SVG that can do nothing but be drawn.

Refused, never repaired: scripts, event handlers, references to anything outside of the file, embedded pictures and
pages, document types, files that are too large. What editors leave behind (metadata, foreign attributes) is dropped:
a PNG is decoded and written anew by Pillow, an SVG by what was understood of it.
"""

from __future__ import annotations

import io
import re
import struct
import warnings
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from classroom_fer.errors import ReportError

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
LARGEST_BYTES = 500_000
"""A logo is a few thousand bytes; a photograph is not a logo (choice)."""
LARGEST_SIDE_PX, MOST_ELEMENTS, MOST_USES = 2000, 5000, 100
"""Choices that bound what drawing costs."""
DRAWN = frozenset(
    "svg g defs symbol use path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient "
    "stop clipPath mask pattern title desc style".split()
)
NAMESPACES_REFUSED = ("http://www.w3.org/1999/xhtml",)
PNG_START = b"\x89PNG\r\n\x1a\n"


def read_logo(path: Path) -> tuple[bytes, str]:
    """The checked picture and its media type.

    Raises:
        ReportError: no such file, not a PNG or SVG, too large, or with something in it that is not a drawing.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_BYTES:
            raise _refused(path, f"it has {size:,} bytes; at most {LARGEST_BYTES:,} are allowed")
        data = path.read_bytes()
    except OSError as error:
        raise ReportError(
            f"{path}: the logo cannot be read ({error.strerror or error})", hint="check the path given as logo"
        ) from error
    if data.startswith(PNG_START):
        return checked_png(data, path), "image/png"
    if b"<svg" in data[:4096] or b":svg" in data[:4096]:
        return checked_svg(data, path), "image/svg+xml"
    raise _refused(path, "it is neither a PNG nor an SVG")


def checked_png(data: bytes, path: Path) -> bytes:
    """The picture decoded and written anew: its pixels and nothing else."""
    try:
        with warnings.catch_warnings(action="ignore"):
            with Pillow.open(io.BytesIO(data), formats=["PNG"]) as picture:
                _check_size(picture.size, path)
                picture.verify()  # all check sums, however lenient WeasyPrint has made Pillow; it must be opened again
            with Pillow.open(io.BytesIO(data), formats=["PNG"]) as picture:
                return _written(picture)
    except UnidentifiedImageError as error:
        raise _refused(path, "the PNG is damaged: there is no picture in it") from error
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Pillow.DecompressionBombError) as error:
        reason = " ".join(str(error).split())[:200]
        raise _refused(path, f"the PNG is damaged or cut off ({reason})") from error


def _check_size(size: tuple[int, int], path: Path) -> None:
    width, height = size
    if not 0 < width <= LARGEST_SIDE_PX or not 0 < height <= LARGEST_SIDE_PX:
        raise _refused(path, f"it is {width} x {height} pixels; at most {LARGEST_SIDE_PX} a side are allowed")


def _written(picture: Pillow.Image) -> bytes:
    """A PNG of the picture's pixels; without texts, times, places, colour profiles and further frames."""
    clean = picture.copy()
    clean.info.clear()
    written = io.BytesIO()
    clean.save(written, "PNG", optimize=True, transparency=picture.info.get("transparency"))
    return written.getvalue()


def checked_svg(data: bytes, path: Path) -> bytes:
    """The drawing written anew from what was understood of it."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise _refused(path, f"line {error.position[0]}: {error.msg}") from error
    except DefusedXmlException as error:
        raise _refused(path, f"it has a document type or entities ({type(error).__name__})") from error
    if root.tag != f"{{{SVG}}}svg":
        raise _refused(path, "its outermost element is not <svg> of the SVG namespace")
    if "viewBox" not in root.attrib and not {"width", "height"} <= set(root.attrib):
        raise _refused(path, "it says neither viewBox nor width and height")
    elements = sum(1 for _ in root.iter())
    if elements > MOST_ELEMENTS:
        raise _refused(path, f"it has {elements} elements; at most {MOST_ELEMENTS} are allowed")
    clean = _checked(root, path)
    _check_uses(clean, path)
    register_namespace("", SVG)
    register_namespace("xlink", XLINK)
    written: bytes = tostring(clean, encoding="utf-8")
    return written


def _checked(element: Element, path: Path) -> Element:
    """A copy of an element that holds drawing and nothing else."""
    name = str(element.tag).removeprefix(f"{{{SVG}}}")
    copy = Element(str(element.tag))
    copy.text, copy.tail = element.text, element.tail
    for key, value in element.attrib.items():
        if _is_kept(key, value, name, path):
            copy.set(key, value)
    if name == "style":
        _check_style(element.text or "", path)
    for child in element:
        if not isinstance(child.tag, str):
            continue  # a comment
        namespace, _, local = child.tag[1:].rpartition("}") if child.tag.startswith("{") else ("", "", child.tag)
        if namespace in (SVG, "", *NAMESPACES_REFUSED) and local not in DRAWN | {"metadata"}:
            raise _refused(path, f"it holds <{local}>, which is not a plain drawing")
        if namespace == SVG and local != "metadata":
            copy.append(_checked(child, path))
    return copy


def _is_kept(key: str, value: str, element: str, path: Path) -> bool:
    """Whether an attribute stays; what could act or lead elsewhere is refused."""
    local = key.rpartition("}")[2].lower()
    where = f"the attribute {local} of <{element}>"
    if local.startswith("on"):
        raise _refused(path, f"{where} runs a script")
    if local in ("href", "src", "base"):
        if not value.strip().startswith("#"):
            raise _refused(path, f"{where} leads out of the file: {value[:60]!r}")
        return True
    if key.startswith("{"):
        return key == f"{{{XML}}}space"  # what editors note in their own namespaces is dropped
    _check_style(value, path)
    return True


def _check_style(text: str, path: Path) -> None:
    folded = re.sub(r"/\*.*?\*/|\\[0-9a-fA-F]{1,6}\s?|\s", "", text).lower()
    if "\\" in text:
        raise _refused(path, "its styles hold escapes (backslashes)")
    if "@import" in folded or "@font-face" in folded or "javascript:" in folded or "expression(" in folded:
        raise _refused(path, "its styles load or run something")
    if re.search(r"url\((?!['\"]?#)", folded) or "image-set(" in folded or "src(" in folded:
        raise _refused(path, "its styles lead out of the file")


def _check_uses(root: Element, path: Path) -> None:
    """Copies of copies grow without bound, so a copied part may hold no copy."""
    uses = list(root.iter(f"{{{SVG}}}use"))
    by_id = {element.get("id"): element for element in root.iter()}
    for use in uses:
        target = by_id.get((use.get("href") or use.get(f"{{{XLINK}}}href") or "").strip()[1:])
        if target is not None and any(True for _ in target.iter(f"{{{SVG}}}use")):
            raise _refused(path, "it copies parts that hold copies (<use> inside of <use>)")
    if len(uses) > MOST_USES:
        raise _refused(path, f"it has {len(uses)} copies (<use>); at most {MOST_USES} are allowed")


def _refused(path: Path, reason: str) -> ReportError:
    return ReportError(
        f"{path}: this logo is refused: {reason}",
        hint="export it as a plain SVG (shapes only) or as a PNG, below 500 kB",
    )
