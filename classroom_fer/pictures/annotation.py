"""Draws what was found into a copy of a picture, legible at any size, and gives it as PNG without metadata."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from classroom_fer.lesson.records import Box
from classroom_fer.pictures.picture import Picture

Rect = tuple[int, int, int, int]

SMALLEST_SIDE_PX = 640
"""Longer side below which the copy is enlarged, so that there is room for letters (choice)."""
LETTERS = 1 / 45
"""Height of the letters over the geometric mean of the sides (choice)."""
SMALLEST_LETTERS_PX = 15
INK, LIGHT, READ, UNREAD = (20, 20, 20), (255, 255, 255), (255, 214, 0), (190, 190, 190)
"""Dark ground under light letters; yellow boxes have a class, grey ones have none."""
FOOTER = (
    "How faces looked to a model; they do not reveal feelings. Not for grading, ranking, identification, diagnosis."
)


@dataclass(frozen=True, slots=True)
class Label:
    """One face as it is drawn."""

    box: Box
    """xyxy pixels of the picture."""
    number: int
    text: str
    short: str
    """Where ``text`` finds no room."""
    has_class: bool


def annotated_png(picture: Picture, labels: Sequence[Label]) -> bytes:
    """PNG of the picture with boxes, labels and one line below that says what this is not.

    A label that finds no free place beside its face is shortened, in the end to the face's number.
    """
    canvas, scale = _enlarged(Pillow.fromarray(picture.image))
    height = max(SMALLEST_LETTERS_PX, round((canvas.width * canvas.height) ** 0.5 * LETTERS))
    font = cast(ImageFont.FreeTypeFont, ImageFont.load_default(height))  # given a size, it is one
    draw = ImageDraw.Draw(canvas)
    boxes = [_scaled(label.box, scale) for label in labels]
    line = max(2, height // 8)
    for label, box in zip(labels, boxes, strict=True):
        draw.rectangle(_grown(box, line), outline=INK, width=2 * line)
        draw.rectangle(box, outline=READ if label.has_class else UNREAD, width=line)
    taken: list[Rect] = []
    pen = _Pen(draw, font)
    for label, box in zip(labels, boxes, strict=True):
        others = [*taken, *(b for b in boxes if b != box)]
        taken.append(pen.write(label, box, others))
    stored = io.BytesIO()
    _with_footer(canvas, font).save(stored, "PNG")
    return stored.getvalue()


def _enlarged(picture: Pillow.Image) -> tuple[Pillow.Image, int]:
    """The picture, enlarged by a whole factor if it is small."""
    factor = -(-SMALLEST_SIDE_PX // max(picture.size)) if max(picture.size) < SMALLEST_SIDE_PX else 1
    return picture.resize((picture.width * factor, picture.height * factor), Pillow.Resampling.BICUBIC), factor


def _scaled(box: Box, scale: int) -> Rect:
    x1, y1, x2, y2 = (round(v * scale) for v in box)
    return x1, y1, max(x1, x2), max(y1, y2)


def _grown(box: Rect, by: int) -> Rect:
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


@dataclass(frozen=True, slots=True)
class _Pen:
    """Writes labels into one picture."""

    draw: ImageDraw.ImageDraw
    font: ImageFont.FreeTypeFont

    def write(self, label: Label, box: Rect, others: Sequence[Rect]) -> Rect:
        """Writes the label at the first free place around its box; gives the place it took."""
        for text in (f"{label.number} {label.text}", f"{label.number} {label.short}", str(label.number)):
            width, height, _ = _extent(text, self.font)
            for place in _places(box, width, height, self.draw.im.size):
                if not any(_overlap(place, other) for other in others):
                    return self._on_ground(text, place, has_class=label.has_class)
        inside = (box[0], box[1], box[0] + width, box[1] + height)  # no room: the number in the box's own corner
        return self._on_ground(str(label.number), inside, has_class=label.has_class)

    def _on_ground(self, text: str, place: Rect, *, has_class: bool) -> Rect:
        """Writes on a dark ground that fills ``place``; gives it back."""
        _, _, pad = _extent(text, self.font)
        self.draw.rectangle(place, fill=INK)
        where = (place[0] + pad, place[1] + pad // 2)
        self.draw.text(where, text, font=self.font, fill=READ if has_class else LIGHT)
        return place


def _extent(text: str, font: ImageFont.FreeTypeFont) -> tuple[int, int, int]:
    """Width and height of the label's ground, and the margin in it."""
    pad = max(2, round(font.size / 5))
    ascent, descent = font.getmetrics()
    return round(font.getlength(text)) + 2 * pad, ascent + descent + pad, pad


def _places(box: Rect, width: int, height: int, size: tuple[int, int]) -> list[Rect]:
    """Above, below, right and left of the box, moved sideways into the picture; those that leave it are left out."""
    x1, y1, x2, y2 = box
    left = max(0, min(x1, size[0] - width))
    top = max(0, min(y1, size[1] - height))
    corners = [(left, y1 - height - 2), (left, y2 + 2), (x2 + 2, top), (x1 - width - 2, top)]
    rects = [(x, y, x + width, y + height) for x, y in corners]
    return [r for r in rects if r[0] >= 0 and r[1] >= 0 and r[2] <= size[0] and r[3] <= size[1]]


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _with_footer(canvas: Pillow.Image, font: ImageFont.FreeTypeFont) -> Pillow.Image:
    """The picture on a strip with FOOTER in as many lines as its width needs."""
    _, height, pad = _extent(FOOTER, font)
    lines = [""]
    for word in FOOTER.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and font.getlength(longer) + 2 * pad > canvas.width:
            lines.append(word)
        else:
            lines[-1] = longer
    whole = Pillow.new("RGB", (canvas.width, canvas.height + len(lines) * height + pad), INK)
    whole.paste(canvas, (0, 0))
    draw = ImageDraw.Draw(whole)
    for number, line in enumerate(lines):
        draw.text((pad, canvas.height + number * height + pad // 2), line, font=font, fill=LIGHT)
    return whole
