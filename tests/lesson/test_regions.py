"""Files of opt-out regions."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.errors import RegionsError
from classroom_fer.lesson.regions import Region, check_fits, parse_regions, read_regions, regions_text, restored

SQUARE = [[0.1, 0.1], [0.3, 0.1], [0.3, 0.3], [0.1, 0.3]]


def file_with(**region: Any) -> str:
    return json.dumps({"regions": [{"points": SQUARE} | region]})


def test_a_file_gives_its_regions_in_order() -> None:
    text = json.dumps(
        {
            "unit": "pixel",
            "regions": [
                {"points": [[0, 0], [10, 0], [0, 20]], "start": "1:30", "end": 100},
                {"points": [[5, 5], [9, 5], [9, 9.5]]},
            ],
        }
    )
    assert parse_regions(text, "r.json") == (
        Region(((0, 0), (10, 0), (0, 20)), "pixel", 90.0, 100.0),
        Region(((5, 5), (9, 5), (9, 9.5)), "pixel", None, None),
    )


def test_fractions_are_of_the_picture_and_the_default() -> None:
    (region,) = parse_regions(file_with(), "r.json")
    assert region.unit == "fraction"
    assert region.pixels(1000, 200)[1] == (300, 20)


def test_a_time_span_holds_from_its_start_until_before_its_end() -> None:
    region = Region(((0, 0), (1, 0), (0, 1)), "fraction", 10.0, 20.0)
    assert [region.holds_at(t) for t in (9.9, 10.0, 19.9, 20.0)] == [False, True, True, False]
    assert Region(region.points).holds_at(0.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"regions": [\n  {"points": [[0, 0],\n', "r.json, line 3, column 1: not JSON"),
        ("[]", 'r.json: must be an object with "regions", not []'),
        ("{}", 'r.json: "regions" is missing'),
        ('{"regions": []}', '"regions" must be a list of 1 to 200'),
        ('{"regions": [], "units": "pixel"}', "unknown key \"units\"; did you mean 'unit'?"),
        ('{"regions": [{}], "unit": "cm"}', '"unit" must be one of fraction, pixel, not "cm"'),
        ('{"regions": [{"points": [[0, 0], [1, 1]]}]}', "r.json, region 1: a region is a list of 3 to 500 points"),
        ('{"regions": [{"points": [[0, 0], [1, 0], ["a", 1]]}]}', "region 1, point 3: must be two numbers [x, y]"),
        ('{"regions": [{"points": [[0, 0], [1, 0], [0, 40]]}]}', "point 3: (0, 40) is no fraction from 0 to 1; pixels"),
        ('{"regions": [{"points": [[0, 0], [1, 0], [NaN, 1]]}]}', "point 3: must be two numbers"),
        ('{"unit": "pixel", "regions": [{"points": [[0, 0], [1, 0], [1e9, 1]]}]}', "outside of every picture"),
        ('{"regions": [{"points": [[0, 0], [0.5, 0.5], [1, 1]]}]}', "lie on one line"),
        ('{"regions": [{"points": [[0, 0], [1, 1], [1, 0], [0, 0.5]]}]}', "crosses itself after points 1 and 3"),
        (file_with(start="soon"), 'region 1, "start": "soon" is not a time'),
        (file_with(start=-1), 'region 1, "start": -1 is not a time'),
        (file_with(start=60, end=30), "ends at 0:30, not after its start at 1:00"),
        (file_with(name="Anna"), 'region 1: unknown key "name"; known are points, start, end'),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, message: str) -> None:
    with pytest.raises(RegionsError) as caught:
        parse_regions(text, "r.json")
    assert message in str(caught.value)
    assert "classroom-fer regions draw" in caught.value.hint


def test_files_that_cannot_be_read_are_explained(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"regions": "\xff"}')
    (tmp_path / "large.json").write_text(" " * 1_000_001)
    for name, word in (
        ("none.json", "no such"),
        ("latin.json", "not UTF-8"),
        ("large.json", "too large"),
        (".", "cannot be read"),
    ):
        with pytest.raises(RegionsError, match=word):
            read_regions(tmp_path / name)


@given(st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from(["pixel", "1:30"]),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(["unit", "regions", "points", "start", "end", "x"]), inner, max_size=4),
    max_leaves=25,
))  # fmt: skip
def test_any_json_is_either_read_or_explained(value: Any) -> None:
    try:
        parse_regions(json.dumps(value), "r.json")
    except RegionsError as error:
        assert str(error).startswith("r.json")


@given(st.text(max_size=40) | st.text(alphabet='{}[]",:0123456789.eE-+ NaInfty', max_size=60))
def test_any_text_is_either_read_or_explained(text: str) -> None:
    try:
        parse_regions(text, "r.json")
    except RegionsError as error:
        assert error.hint


def test_what_is_written_is_read_back() -> None:
    regions = (
        Region(((0.1, 0.2), (0.3, 0.2), (0.3, 1.0)), "fraction", 5.5, None),
        Region(((0.0, 0.0), (1.0, 0.0), (0.0, 1 / 3))),
    )
    assert parse_regions(regions_text(regions), "r.json") == regions
    assert restored(json.loads(json.dumps([dataclasses.asdict(region) for region in regions]))) == regions


def test_a_region_outside_of_the_picture_was_made_for_another_film() -> None:
    inside = Region(((300, 0), (330, 0), (300, 20)), "pixel")
    outside = Region(((320, 0), (330, 0), (320, 20)), "pixel")
    check_fits([inside], 320, 240, "a.mp4")
    with pytest.raises(RegionsError, match=r"region 2 lies outside of the picture of a.mp4 \(320 x 240 pixels\)"):
        check_fits([inside, outside], 320, 240, "a.mp4")
    with pytest.raises(RegionsError, match="smaller than a pixel"):
        check_fits([Region(((0.1, 0.1), (0.1001, 0.1), (0.1, 0.1001)))], 320, 240, "a.mp4")
