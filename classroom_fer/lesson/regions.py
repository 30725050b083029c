"""Reading and writing opt-out regions: the parts of the picture in which nobody is looked for (safeguard S6). Pure.

    {"unit": "fraction", "regions": [{"points": [[0, 0.5], [0.2, 0.5], [0, 1]], "start": "5:00", "end": "9:30"}]}

``unit`` is "fraction" of the upright picture or "pixel"; ``start`` and ``end`` may be left out. Regions have no names
on purpose: who sits there is not kept.
"""

from __future__ import annotations

import difflib
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from classroom_fer.errors import RegionsError
from classroom_fer.lesson.timecode import REMEDY, format_time, seconds_of

Point = tuple[float, float]
UNITS = ("fraction", "pixel")
MOST_REGIONS, MOST_POINTS = 200, 500
"""More are surely a mistake (choice)."""
LARGEST_FILE = 1_000_000
"""Bytes; MOST_REGIONS of MOST_POINTS need fewer than twice as many (choice)."""
FARTHEST = 100_000.0
"""Coordinates beyond this are no pixels of any film (choice)."""
HINT = "see docs/regions.md, or draw them: classroom-fer regions draw VIDEO"
_TOP = ("unit", "regions")
_REGION = ("points", "start", "end")


@dataclass(frozen=True, slots=True)
class Region:
    """A polygon that does not cross itself. Points lie on or in it; its edge belongs to it."""

    points: tuple[Point, ...]
    """(x, y) from the upper left corner of the upright picture."""
    unit: str = "fraction"
    """One of UNITS: of the picture's width and height, or pixels."""
    start_s: float | None = None
    """From this time on; None = from the start of the film."""
    end_s: float | None = None
    """Before this time; None = to its end."""

    def holds_at(self, time_s: float) -> bool:
        """Whether it is to be masked at a time."""
        return (self.start_s is None or time_s >= self.start_s) and (self.end_s is None or time_s < self.end_s)

    def pixels(self, width_px: int, height_px: int) -> tuple[Point, ...]:
        """Its points in pixels of a picture."""
        if self.unit == "pixel":
            return self.points
        return tuple((x * width_px, y * height_px) for x, y in self.points)


def read_regions(path: Path) -> tuple[Region, ...]:
    """The regions in a file, in its order.

    Raises:
        RegionsError: it cannot be read, is not JSON, or holds a mistake; the message names the place.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise RegionsError(f"{path}: too large for a file of regions", hint=HINT)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise RegionsError(f"{path}: no such regions file", hint="check the path given to --regions") from error
    except UnicodeDecodeError as error:
        raise RegionsError(f"{path}: not UTF-8 text (byte {error.start})", hint=HINT) from error
    except OSError as error:
        raise RegionsError(f"{path}: cannot be read ({error.strerror})", hint="give a readable JSON file") from error
    return parse_regions(text, str(path))


def parse_regions(text: str, where: str) -> tuple[Region, ...]:
    """The regions in JSON ``text``. RegionsError as ``read_regions``, with ``where`` in front."""
    try:
        table = json.loads(text)
    except json.JSONDecodeError as error:
        _refuse(f"{where}, line {error.lineno}, column {error.colno}: not JSON ({error.msg})", error)
    except (RecursionError, ValueError) as error:  # nested without end; a number of a million digits
        _refuse(f"{where}: not JSON that can be read", error)
    listed = _keys(table, _TOP, where, needed="regions")["regions"]
    unit = table.get("unit", "fraction")
    if unit not in UNITS:
        _refuse(f'{where}: "unit" must be one of {", ".join(UNITS)}, not {_short(unit)}')
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST_REGIONS:
        _refuse(f'{where}: "regions" must be a list of 1 to {MOST_REGIONS} regions')
    return tuple(_region(entry, unit, f"{where}, region {number}") for number, entry in enumerate(listed, 1))


def _region(entry: Any, unit: str, where: str) -> Region:
    table = _keys(entry, _REGION, where, needed="points")
    listed = table["points"]
    if not isinstance(listed, list) or not 3 <= len(listed) <= MOST_POINTS:
        _refuse(f"{where}: a region is a list of 3 to {MOST_POINTS} points")
    points = tuple(_point(value, unit, f"{where}, point {number}") for number, value in enumerate(listed, 1))
    _check_outline(points, where)
    start, end = (_time(table.get(name), f'{where}, "{name}"') for name in ("start", "end"))
    if end is not None and end <= (start or 0.0):
        _refuse(f"{where}: it ends at {format_time(end)}, not after its start at {format_time(start or 0.0)}")
    return Region(points, unit, start, end)


def _keys(table: Any, known: Sequence[str], where: str, *, needed: str) -> Mapping[str, Any]:
    if not isinstance(table, dict):
        _refuse(f'{where}: must be an object with "{needed}", not {_short(table)}')
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
            _refuse(f"{where}: unknown key {_short(key)}; {remedy}")
    if needed not in table:
        _refuse(f'{where}: "{needed}" is missing')
    return table


def _point(value: Any, unit: str, where: str) -> Point:
    if not isinstance(value, list) or len(value) != 2 or not all(_is_number(v) for v in value):
        _refuse(f"{where}: must be two numbers [x, y], not {_short(value)}")
    x, y = (float(v) for v in value)
    if unit == "fraction" and not (0 <= x <= 1 and 0 <= y <= 1):
        _refuse(f'{where}: ({x:g}, {y:g}) is no fraction from 0 to 1; pixels need "unit": "pixel"')
    if max(abs(x), abs(y)) > FARTHEST:
        _refuse(f"{where}: ({x:g}, {y:g}) lies outside of every picture")
    return x, y


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300 and value == value


def _time(value: Any, where: str) -> float | None:
    if value is None:
        return None
    try:
        return seconds_of(value)
    except ValueError:
        _refuse(f"{where}: {_short(value)} is not a time; {REMEDY}")


def _check_outline(points: Sequence[Point], where: str) -> None:
    """What is inside a crossed outline is ambiguous: part of it would stay visible."""
    if math.isclose(_area(points), 0.0, abs_tol=1e-9):
        _refuse(f"{where}: its points lie on one line and enclose nothing")
    edges = list(itertools.pairwise([*points, points[0]]))
    for i, j in itertools.combinations(range(len(edges)), 2):
        neighbours = j == i + 1 or (i == 0 and j == len(edges) - 1)
        if not neighbours and _cross(edges[i], edges[j]):
            _refuse(f"{where}: its outline crosses itself after points {i + 1} and {j + 1}; make two regions of it")


def _area(points: Sequence[Point]) -> float:
    """Signed area of a polygon (shoelace formula)."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise([*points, points[0]])) / 2


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two edges cross in a point that is an end of neither."""

    def side(a: Point, b: Point, c: Point) -> float:
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return side(*one, other[0]) * side(*one, other[1]) < 0 and side(*other, one[0]) * side(*other, one[1]) < 0


def check_fits(regions: Sequence[Region], width_px: int, height_px: int, film: str) -> None:
    """Nothing, if every region covers some of the picture.

    Raises:
        RegionsError: one lies outside of it: it was surely made for another film, so the others may be wrong too.
    """
    for number, region in enumerate(regions, 1):
        points = region.pixels(width_px, height_px)
        xs, ys = zip(*points, strict=True)
        if abs(_area(points)) < 1:
            raise RegionsError(
                f"region {number} is smaller than a pixel of {film}", hint="draw it larger, or remove it"
            )
        if min(xs) >= width_px or min(ys) >= height_px or max(xs) <= 0 or max(ys) <= 0:
            raise RegionsError(
                f"region {number} lies outside of the picture of {film} ({width_px} x {height_px} pixels)",
                hint="were the regions drawn for another film? draw them again: classroom-fer regions draw VIDEO",
            )


def restored(table: Sequence[Mapping[str, Any]]) -> tuple[Region, ...]:
    """Regions from their fields, as ``Config.as_dict`` keeps them with a session."""
    return tuple(
        Region(tuple((float(x), float(y)) for x, y in row["points"]), row["unit"], row["start_s"], row["end_s"])
        for row in table
    )


def regions_text(regions: Sequence[Region]) -> str:
    """The JSON file of regions that all have one unit; ``parse_regions`` reads it."""
    units = {region.unit for region in regions}
    if len(units) != 1:
        raise ValueError(f"one file has one unit, not {units or 'none'}")
    rows = []
    for region in regions:
        row: dict[str, Any] = {"points": [list(point) for point in region.points]}
        row |= {name: at for name, at in (("start", region.start_s), ("end", region.end_s)) if at is not None}
        rows.append("  " + json.dumps(row))
    return f'{{"unit": "{units.pop()}", "regions": [\n' + ",\n".join(rows) + "\n]}\n"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _refuse(message: str, cause: Exception | None = None) -> NoReturn:
    raise RegionsError(message, hint=HINT) from cause
