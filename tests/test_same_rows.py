"""The same film and settings give the same rows on every machine, up to what docs/measurement.md allows (section 10).

Three short stretches of the sample lesson, two pictures each: an explanation, desk work, a discussion. What follows
from the rows is arithmetic in double precision (``tests/measurement``). A new net gives new rows: ``--update-golden``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import LESSON, rows
from in_process import invoke

from classroom_fer.lesson.records import EMOTIONS

Rows = list[list[float | str | None]]

GOLDEN = Path(__file__).with_name("golden") / "same_rows.json"
STARTS_S = (100, 400, 600)
SECONDS = 4
PLACES = 4
"""Decimals that the golden file keeps."""
TOLERANCE = {
    "frame_index": 0.0,
    "time_s": 0.001,
    **dict.fromkeys(("x1", "y1", "x2", "y2"), 0.1),
    **dict.fromkeys(("yaw_deg", "pitch_deg", "roll_deg"), 0.2),
    **dict.fromkeys(("confidence", "frontal", "emotion_confidence"), 0.01),
    **dict.fromkeys((f"{what}_{name}" for what in ("p", "votes") for name in EMOTIONS), 0.01),
}
"""Largest difference of each number; the words must be the same."""
WORDS = ("emotion", "abstained_because")
COLUMNS = (*TOLERANCE, *WORDS)


def faces_of(folder: Path, start_s: int) -> Rows:
    db = folder / f"{start_s}.sqlite"
    done = invoke(
        folder, "analyze", LESSON, "--start", start_s, "--end", start_s + SECONDS, "--fps", 0.5, "--no-report",
        "--quiet", "--db", db,
    )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    found = rows(db, f"SELECT {', '.join(COLUMNS)} FROM v_face ORDER BY frame_index, x1")
    return [[round(cell, PLACES) if isinstance(cell, float) else cell for cell in row] for row in found]


def differences(found: Rows, wanted: Rows) -> list[str]:
    """What is not the same, in words."""
    assert len(found) == len(wanted), "another number of faces"
    told = []
    for number, pair in enumerate(zip(found, wanted, strict=True)):
        for name, one, other in zip(COLUMNS, *pair, strict=True):
            both = isinstance(one, int | float) and isinstance(other, int | float)
            if abs(one - other) > TOLERANCE[name] if both else one != other:  # type: ignore[operator]  # both are numbers
                told.append(f"face {number}: {name} is {one}, was {other}")
    return told


@pytest.mark.parametrize("start_s", STARTS_S)
def test_three_short_films_give_the_rows_of_another_machine(
    start_s: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found = faces_of(tmp_path, start_s)
    known = json.loads(GOLDEN.read_text()) if GOLDEN.exists() else {}
    if request.config.getoption("--update-golden"):
        known[str(start_s)] = found
        lines = ",\n".join(
            f'"{key}": [\n' + ",\n".join(map(json.dumps, known[key])) + "\n]" for key in sorted(known, key=int)
        )
        GOLDEN.write_text("{\n" + lines + "\n}\n")
    assert len(found) > 20
    assert differences(found, known[str(start_s)]) == []


def test_a_difference_above_the_tolerance_is_told() -> None:
    wanted = json.loads(GOLDEN.read_text())[str(STARTS_S[0])]
    moved = [list(row) for row in wanted]
    moved[0][COLUMNS.index("x1")] += 0.2
    moved[1][COLUMNS.index("x1")] += 0.05
    moved[2][COLUMNS.index("abstained_because")] = "another word"
    assert [line.split(" is ")[0] for line in differences(moved, wanted)] == ["face 0: x1", "face 2: abstained_because"]
