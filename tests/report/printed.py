"""Pages and PDFs of the samples, made once each for all tests; PDFs are bytes, nothing touches the disk."""

from __future__ import annotations

import io
import subprocess
from collections.abc import Iterator
from functools import cache

import pikepdf
import pytest
from report import samples

from classroom_fer.report.renderer import PdfRenderer, drawings
from classroom_fer.report.view import report_view
from classroom_fer.report.wording import Wording
from classroom_fer.settings.report_style import ReportStyle


@cache
def renderer(lang: str = "en", appendix: bool = False) -> PdfRenderer:
    return PdfRenderer(ReportStyle(lang=lang, appendix=appendix))


@cache
def page(name: str, lang: str = "en", appendix: bool = False) -> str:
    return renderer(lang, appendix).render_html(*samples.SAMPLES[name]())


@cache
def figures(name: str, lang: str = "en") -> dict[str, object]:
    return drawings(report_view(*samples.SAMPLES[name](), Wording(lang)))


@cache
def printed(name: str, lang: str = "en", appendix: bool = False) -> bytes:
    return renderer(lang, appendix).pdf(page(name, lang, appendix))


def opened(name: str, lang: str = "en", appendix: bool = False) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(printed(name, lang, appendix)))


def words_of(pdf: bytes) -> str:
    """The text layer, as a reader copies it; skips where poppler is missing."""
    try:
        done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("pdftotext (Debian package poppler-utils) is not installed")
    return " ".join(done.stdout.decode().replace("\xa0", " ").split())


def fonts_with_boxes(pdf: pikepdf.Pdf) -> list[str]:
    """Fonts by which a character was drawn that they do not have: a box.

    WeasyPrint numbers such characters beyond the font's glyphs and gives these fonts a map of their own instead of
    Identity-H (weasyprint/pdf/fonts.py); glyph 0 itself is looked for as well.
    """
    composite = [
        item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Subtype") == "/Type0"
    ]
    assert composite, "no font at all was embedded"
    boxes = [str(font.BaseFont) for font in composite if str(font.Encoding) != "/Identity-H"]
    zeros = sum(text[i : i + 2] == b"\0\0" for text in _shown(pdf) for i in range(0, len(text), 2))
    return boxes + ["glyph 0"] * zeros


def families(pdf: pikepdf.Pdf) -> set[str]:
    """Embedded fonts without their subset's prefix."""
    found = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and item.get("/Subtype") == "/Type0"]
    return {str(font.BaseFont).partition("+")[2] for font in found}


def _shown(pdf: pikepdf.Pdf) -> Iterator[bytes]:
    """Every string that a page or a form on it draws."""
    forms = [item for item in pdf.objects if isinstance(item, pikepdf.Stream) and item.get("/Subtype") == "/Form"]
    for source in [*pdf.pages, *forms]:
        for operands, operator in pikepdf.parse_content_stream(source):
            if str(operator) in ("Tj", "'"):
                yield bytes(operands[-1])
            elif str(operator) == "TJ":
                yield from (bytes(part) for part in operands[0] if isinstance(part, pikepdf.String))
