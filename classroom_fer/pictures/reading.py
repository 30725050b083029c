"""Reads still pictures with Pillow: upright RGB whatever the file holds, or one sentence why not.

Only the formats in FORMATS are tried; Pillow would otherwise hand PostScript to an outside program.
"""

from __future__ import annotations

import io
import logging
import struct
import warnings
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFile, ImageOps, UnidentifiedImageError

from classroom_fer.errors import PictureError
from classroom_fer.lesson.records import Image
from classroom_fer.pictures.picture import Picture

logging.getLogger("PIL").addHandler(logging.NullHandler())  # without it, notes about damaged files go to the terminal

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "AVIF", "GIF", "TIFF", "BMP", "PPM")
KNOWN = "JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP"
AGAIN = f"copy the picture again, or save it again as JPEG; {KNOWN} can be read"
MAX_BYTES = 100_000_000
"""Largest file that is read (choice)."""
MAX_PIXELS = 64_000_000
"""Largest picture that is decoded (choice: phones take 50 million, which need half a minute and 2 GB here)."""
PAPER = (255, 255, 255)
"""Colour shown where a picture is transparent (choice: white, as on a page)."""
SERIES = {"GIF": "animated", "WEBP": "animated", "PNG": "animated", "AVIF": "animated", "TIFF": "several pages"}

LOOKS: tuple[tuple[bytes, str, str], ...] = (
    (b"<!doctype html", "a web page (HTML)", "open the page and save the picture itself"),
    (b"<html", "a web page (HTML)", "open the page and save the picture itself"),
    (b"<svg", "a drawing (SVG)", "export it as PNG"),
    (b"<?xml", "an XML file or SVG drawing", "export it as PNG"),
    (b"%pdf", "a PDF", "export its picture as PNG or JPEG"),
    (b"pk\x03\x04", "a ZIP archive or an Office document", "unpack it first"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself", "run git lfs pull"),
    (b"\x1aE\xdf\xa3", "a film (Matroska or WebM)", "use classroom-fer analyze, or save one picture of it"),
)  # first bytes, lower case
BRANDS: tuple[tuple[bytes, str, str], ...] = (
    (b"heic heix heim heis mif1 msf1 hevc", "a HEIC picture", "export it as JPEG (iPhone: Settings, Camera, Formats)"),
    (b"", "a film (MP4 or MOV)", "use classroom-fer analyze, or save one picture of it"),
)
"""Brands in the ftyp box of ISO files, separated by blanks."""
SIGNS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\0", b"MM\0*", b"BM")
"""First bytes of pictures that could be read if the rest were right."""
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError, OverflowError, RuntimeError,
    AttributeError, AssertionError, MemoryError, struct.error, zlib.error,
)  # what Pillow's readers raise on damaged files (found by fuzzing each format)  # fmt: skip


def read_picture(path: Path) -> Picture:
    """The picture in a file.

    Raises:
        PictureError: there is no such file, or it is no picture that can be read whole.
    """
    try:
        if path.is_dir():
            raise PictureError(f"{path}: is a folder, not a picture", hint=f"name the pictures: {path}/*.jpg")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise PictureError(f"{path}: no such file", hint="check the path") from error
    except PermissionError as error:
        raise PictureError(f"{path}: you may not read this file", hint="ask its owner, or chmod u+r") from error
    except (OSError, ValueError) as error:
        raise PictureError(f"{path}: cannot be read ({error})", hint="copy it to a local disk and try again") from error
    return decode_picture(data, str(path))


def decode_picture(
    data: bytes, name: str, *, formats: Sequence[str] = FORMATS, most_pixels: int = MAX_PIXELS
) -> Picture:
    """The picture in ``data``, turned upright as its EXIF says; of several pictures the first.

    Args:
        name: for messages and results.
        formats: some of FORMATS; nothing else is tried.
        most_pixels: of a larger picture nothing is decoded.

    Raises:
        PictureError: empty, no picture, damaged, cut off or too large.
    """
    if not data:
        raise PictureError(f"{name}: is empty (0 bytes)", hint="copy the picture again")
    if len(data) > MAX_BYTES:
        raise PictureError(f"{name}: larger than {MAX_BYTES / 1e6:g} MB", hint="save it smaller, as JPEG")
    Pillow.init()
    known = [kind for kind in formats if kind in Pillow.OPEN]
    with _strict_and_silent():
        try:
            with Pillow.open(io.BytesIO(data), formats=known) as opened:
                _check_size(opened.size, name, most_pixels)
                several = bool(getattr(opened, "is_animated", False)) and opened.format in SERIES
                notes = (f"{SERIES[str(opened.format)]}: only the first picture is looked at",) if several else ()
                return Picture(name, _rgb(ImageOps.exif_transpose(opened)), notes)
        except UnidentifiedImageError as error:
            looks, hint = _looks_like(data)
            raise PictureError(f"{name}: {looks}", hint=hint) from error
        except Pillow.DecompressionBombError as error:
            raise _too_large(name, "far too many pixels", most_pixels) from error
        except BROKEN as error:
            said = " ".join(str(error).split())[:200]
            raise PictureError(f"{name}: damaged, cut off or of an unknown kind ({said})", hint=AGAIN) from error


@contextmanager
def _strict_and_silent() -> Iterator[None]:
    """Pictures that were cut off are errors, though WeasyPrint switches that off for the process; no warnings.

    Warnings are about odd metadata, and about sizes that are checked here.
    """
    lenient, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _check_size(size: tuple[int, int], name: str, most_pixels: int) -> None:
    if size[0] * size[1] > most_pixels:
        raise _too_large(name, f"{size[0]}x{size[1]} pixels", most_pixels)


def _too_large(name: str, found: str, most_pixels: int) -> PictureError:
    return PictureError(
        f"{name}: too large ({found}; up to {most_pixels / 1e6:g} million are read)", hint="make it smaller, or cut it"
    )


def _rgb(picture: Pillow.Image) -> Image:
    """RGB [H, W, 3] of a decoded picture of any mode."""
    if picture.mode.startswith("I"):
        return np.dstack([_eight_bit(np.asarray(picture))] * 3)
    if picture.mode == "F":
        raise ValueError("floating-point grey levels, whose scale is not known")
    if picture.has_transparency_data:
        layered = picture.convert("RGBA")
        paper = Pillow.new("RGBA", layered.size, PAPER)
        picture = Pillow.alpha_composite(paper, layered)
    return np.ascontiguousarray(np.asarray(picture.convert("RGB")))


def _eight_bit(levels: np.ndarray[tuple[int, ...], np.dtype[np.integer]]) -> Image:
    """16-bit grey levels as 8-bit ones; Pillow's own conversion clips them to white."""
    if levels.size and not 0 <= int(levels.min()) <= int(levels.max()) < 65_536:
        raise ValueError("grey levels beyond 16 bit, whose scale is not known")
    return (levels >> 8).astype(np.uint8)


def _looks_like(data: bytes) -> tuple[str, str]:
    """What the bytes are instead of a picture, and what to do."""
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for first, what, hint in LOOKS:
        if start.startswith(first.lower()):
            return f"is {what}, not a picture", hint
    if data[4:8] == b"ftyp":
        for brands, what, hint in BRANDS:
            if not brands or data[8:12] in brands.split():
                return f"is {what}, not a picture that can be read here", hint
    if data.startswith(SIGNS):
        return "a picture that is damaged or cut off near its beginning", AGAIN
    return "is not a picture", f"{KNOWN} can be read"
