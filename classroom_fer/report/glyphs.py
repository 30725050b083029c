"""What no font of this machine draws as it should: boxes, and emoji that fall apart into several glyphs.

WeasyPrint says which single characters have no glyph. That an emoji of several code points was drawn as its parts it
does not say, because every part has a glyph: this is read off Pango's lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from weasyprint.text.ffi import ffi, pango

from classroom_fer.text.graphemes import clusters, is_emoji_sequence

_INVISIBLE = "\u200c\u200d\ufe0e\ufe0f"


def not_drawn(pages: Iterable[Any], without_glyph: Iterable[str]) -> tuple[str, ...]:
    """What readers see as characters and no font draws, each once, in the order of the pages.

    Args:
        pages: of WeasyPrint's Document.
        without_glyph: characters that WeasyPrint found no glyph for.
    """
    missing = set(without_glyph) - set(_INVISIBLE)
    found: dict[str, None] = {}
    for box in _text_boxes(pages):
        if box.text.isascii():
            continue
        in_text = clusters(box.text)
        found |= {cluster: None for cluster in in_text if not missing.isdisjoint(cluster)}
        if any(is_emoji_sequence(cluster) for cluster in in_text):
            found |= dict.fromkeys(_torn(box, in_text))
    seen = set("".join(found))
    return (*found, *sorted(missing - seen))


def _text_boxes(pages: Iterable[Any]) -> Iterator[Any]:
    for page in pages:
        for box in page._page_box.descendants():
            if isinstance(getattr(box, "text", None), str) and hasattr(box, "pango_layout"):
                yield box


def _torn(box: Any, in_text: list[str]) -> list[str]:
    """Emoji sequences of a line of text that take more than one glyph, or the box that stands for none."""
    layout = box.pango_layout
    layout.reactivate(box.style)
    try:
        glyphs = list(_glyphs(layout))
    finally:
        layout.deactivate()
    torn, at = [], 0
    for cluster in in_text:
        end = at + len(cluster.encode())
        own = [is_box for place, is_box in glyphs if at <= place < end]
        if is_emoji_sequence(cluster) and (len(own) > 1 or any(own)):
            torn.append(cluster)
        at = end
    return torn


def _glyphs(layout: Any) -> Iterator[tuple[int, bool]]:
    """Every glyph of the first line that takes up room: the byte of the text it stands for, and whether it is a box."""
    line, _ = layout.get_first_line()
    run = line.runs
    while run != ffi.NULL:
        item, string = run.data.item, run.data.glyphs
        for index in range(string.num_glyphs):
            glyph = string.glyphs[index]
            if glyph.glyph != pango.PANGO_GLYPH_EMPTY and glyph.geometry.width > 0:
                yield item.offset + string.log_clusters[index], bool(glyph.glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG)
        run = run.next
