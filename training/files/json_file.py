"""The JSON files that runs, searches and ensembles leave behind."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

_NUMBERS = re.compile(r"\[\n[^\[\]{}\"]*\]")
"""A list of numbers over several lines; no text of JSON has a line's end in it."""


def write_json(table: Any, path: Path) -> None:
    """Valid JSON (no NaN), a list of numbers in one line.

    Replaced in one step, so that a killed run leaves the old file or the new one.
    """
    partial = path.with_name(f"{path.name}.part")
    text = json.dumps(table, indent=2, allow_nan=False) + "\n"
    partial.write_text(_NUMBERS.sub(lambda found: f"[{' '.join(found[0][1:-1].split())}]", text), encoding="utf-8")
    partial.replace(path)
