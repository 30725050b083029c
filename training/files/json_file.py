"""The JSON files that runs, searches and ensembles leave behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def write_json(table: Any, path: Path) -> None:
    """Valid JSON (no NaN), replaced in one step, so that a killed run leaves the old file or the new one."""
    partial = path.with_name(f"{path.name}.part")
    partial.write_text(json.dumps(table, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    partial.replace(path)
