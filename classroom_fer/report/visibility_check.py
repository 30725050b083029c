"""Whether what every report must say stands on its pages: a style sheet can hide what a template holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

SMALLEST_PX = 5.0
"""Letters below this cannot be read on paper (choice: about 4 pt)."""
_JOINING = str.maketrans("", "", "-\N{HYPHEN}\N{SOFT HYPHEN}")


def left_out(pages: Iterable[Any], needed: Sequence[str]) -> list[str]:
    """The texts in ``needed`` that no reader of the pages sees.

    Args: ``pages`` of WeasyPrint's Document. Breaks of lines, hyphens and capitals do not matter.
    """
    seen = _folded("".join(text for page in pages for text in _texts(page._page_box)))
    return [text for text in needed if _folded(text) not in seen]


def _folded(text: str) -> str:
    return "".join(text.translate(_JOINING).split()).casefold()


def _texts(page: Any) -> Iterator[str]:
    """Every visible text of a page in the order of the template, its margins (header, footer) left out."""
    for child in page.children:
        if type(child).__name__ == "MarginBox":
            continue
        for box in child.descendants():
            text = getattr(box, "text", None)
            if isinstance(text, str) and box.style["visibility"] == "visible" and box.style["font_size"] >= SMALLEST_PX:
                yield text
