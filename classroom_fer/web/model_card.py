"""The model card that ships with the weights, as part of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markupsafe import Markup

from classroom_fer.errors import ModelError
from classroom_fer.faces.model_manifest import MODEL_DIR, REMEDY

CARD = "MODEL_CARD.md"


def model_card() -> Markup:
    """The card as HTML, its title a heading of the second level. ModelError if it cannot be read."""
    try:
        text = (MODEL_DIR / CARD).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ModelError(f"{MODEL_DIR / CARD}: the model card cannot be read ({error})", hint=REMEDY) from error
    return as_html(text)


def as_html(text: str) -> Markup:
    """Markdown as HTML in which nothing leads elsewhere: no HTML of its own, no links, no pictures.

    >>> as_html("# A <b>card</b>")
    Markup('<h2>A &lt;b&gt;card&lt;/b&gt;</h2>\\n')
    """
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["link", "autolink", "image"])
    reader.add_render_rule("table_open", _table)
    reader.add_render_rule("table_close", _table_end)
    tokens = reader.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"
    return Markup(reader.renderer.render(tokens, reader.options, {}))


def _table(_: RendererProtocol, _tokens: Sequence[Token], *_rest: Any) -> str:
    return '<div class="scroll"><table class="small">'


def _table_end(_: RendererProtocol, _tokens: Sequence[Token], *_rest: Any) -> str:
    return "</table></div>"
