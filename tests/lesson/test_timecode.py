import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom_fer.lesson.timecode import format_time, parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("90.5", 90.5), ("1:30", 90.0), ("01:00:00", 3600.0), ("0:00.250", 0.25), (" 75:00 ", 4500.0)],
)
def test_seconds_and_clock_times_are_read(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "abc", "1:2:3:4", "1:75", "1:75:00", "-5", "−5", "1e3", "nan", "inf", "90,5", "9" * 400]
)
def test_what_is_not_a_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is|has"):
        parse_time(text)


def test_decimal_comma_is_read_only_where_asked() -> None:
    assert parse_time("90,5", decimal_comma=True) == 90.5


@given(st.integers(0, 359_999))
def test_whole_seconds_survive_printing_and_reading(seconds: int) -> None:
    assert parse_time(format_time(seconds)) == seconds
