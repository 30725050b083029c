"""A figure in two layers: lines and areas as SVG, words as labels that HTML sets above them.

WeasyPrint draws SVG text letter by letter, which no Arabic and no Indic script survives; HTML text is shaped, wraps and
follows the page's direction. So no SVG here holds text, and a mirrored figure is one transformation.
"""

from __future__ import annotations

import io
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from xml.sax.saxutils import escape

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

Align: TypeAlias = Literal["start", "middle", "end"]

PAGE_WIDTH_IN = 7.008
"""178 mm, the width between the margins of A4 in report.css."""
CHARACTER_IN = 0.068
"""About the width of a Latin character at 8 pt in DejaVu Sans, generously."""
INK, SOFT, RULE = "#222222", "#595959", "#bdbdbd"

STYLE: Any = {
    "svg.hashsalt": "classroom-fer",
    "axes.edgecolor": RULE,
    "axes.linewidth": 0.6,
    "xtick.color": RULE,
    "ytick.color": RULE,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.0,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "xtick.labelbottom": False,
    "ytick.labelleft": False,
    "hatch.linewidth": 0.5,
    "path.simplify": False,
}


@dataclass(frozen=True, slots=True)
class Label:
    """Words on a figure. ``x`` and ``y`` are per cent of its width and height; x runs in the direction of reading."""

    text: str
    x: float
    y: float
    align: Align = "start"
    """Which part of the label stands at ``x``."""
    hangs: bool = False
    """``y`` is its upper edge and not its middle."""
    css_class: str = "soft"
    """A class of report.css: soft, ink, index, direction, moment, boxed."""
    width: float | None = None
    """Per cent of the figure; the text wraps inside. None = one line."""

    def css(self, *, mirrored: bool) -> str:
        """Where it stands, as a style attribute."""
        near, far = ("right", "left") if mirrored else ("left", "right")
        place = f"{far}: {100 - self.x:.2f}%" if self.align == "end" else f"{near}: {self.x:.2f}%"
        across = {"middle": 50 if mirrored else -50}.get(self.align, 0)
        size = f"; width: {self.width:.2f}%" if self.width is not None else ""
        return f"{place}; top: {self.y:.2f}%; transform: translate({across}%, {0 if self.hangs else -50}%){size}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished figure."""

    svg: str
    """One ``<svg>`` element without text; its title is the alternative text that PDF/UA takes as /Alt."""
    labels: tuple[Label, ...]
    mirrored: bool


@dataclass(slots=True)
class Canvas:
    """A figure that is being drawn.

    Args:
        width_in, height_in: inches.
    """

    width_in: float
    height_in: float
    figure: Figure = field(init=False)
    labels: list[Label] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self.figure = Figure(figsize=(self.width_in, self.height_in))

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """New axes; the place in shares of the figure from its lower left corner."""
        axes: Axes = self.figure.add_axes((left, bottom, width, height))
        return axes

    def write(self, axes: Axes, text: str, at: tuple[float, float], **how: Any) -> None:
        """A label at a point in shares of ``axes``; ``how`` as in Label. Empty text writes nothing."""
        box = axes.get_position()
        x, y = box.x0 + at[0] * box.width, box.y0 + at[1] * box.height
        if text:
            self.labels.append(Label(text, round(100 * x, 2), round(100 * (1 - y), 2), **how))

    def finish(self, alt: str, *, mirrored: bool) -> Drawing:
        """The drawing; the same content gives the same bytes."""
        out = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        self.figure.savefig(out, format="svg", transparent=True, metadata=nothing)  # None = leave out
        text = out.getvalue()
        text = text[text.index("<svg") :]
        text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
        text = re.sub(r'<g id="[^"]*">', "<g>", text)
        opening, rest = text.split(">", 1)
        inside = rest.rpartition("</svg>")[0]
        if mirrored:
            inside = f'\n <g transform="matrix(-1 0 0 1 {72 * self.width_in:g} 0)">{inside}</g>\n'
        svg = f'{opening} role="img">\n <title>{escape(alt)}</title>{inside}</svg>'
        return Drawing(svg, tuple(self.labels), mirrored)


def styled() -> Any:
    """The one style, as a context."""
    return matplotlib.rc_context(STYLE)


def width_in(text: str) -> float:
    """About how wide a line of 8 pt is, inches; East Asian characters are twice as wide.

    >>> width_in("ab") < width_in("分数")
    True
    """
    return CHARACTER_IN * sum(1.8 if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in text)
