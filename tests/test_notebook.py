"""The notebook runs on any study, and what it shows is what its cells gave."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    for library in ("nbformat", "nbclient", "ipykernel"):
        pytest.importorskip(library, reason="the extra dev is not installed")
    return runpy.run_path(str(ROOT / "scripts" / "notebook.py"))


@pytest.fixture
def notebook(script: dict[str, Any]) -> Any:
    return script["nbformat"].read(script["NOTEBOOK"], as_version=4)


def test_its_output_is_kept_and_of_these_very_cells(script: dict[str, Any], notebook: Any) -> None:
    assert notebook.metadata.output_of_sha256 == script["fingerprint"](notebook), "run python scripts/notebook.py"
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = [output.output_type for cell in code for output in cell.outputs]
    assert set(kinds) == {"execute_result", "display_data"}
    assert "/tmp/" not in script["NOTEBOOK"].read_text(encoding="utf-8")


def test_it_runs_on_another_study(script: dict[str, Any], notebook: Any, study: Path) -> None:
    script["run"](notebook, study)
    (sessions,) = notebook.cells[3].outputs
    assert "monday.mp4" in sessions.data["text/plain"] and "tuesday.mp4" in sessions.data["text/plain"]
