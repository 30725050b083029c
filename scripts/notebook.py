"""Runs docs/notebooks/lesson.ipynb on a made-up study and keeps what it shows: python scripts/notebook.py

The cells are edited in any notebook editor; this makes their output anew, and a test tells when that was forgotten.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import nbformat
from nbclient import NotebookClient

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.made_lessons import Class, add_lesson
from classroom_fer.store.store import open_store

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "notebooks" / "lesson.ipynb"
LESSONS = ("7b-monday.mp4", "7b-wednesday.mp4", "7b-friday.mp4")
PUPILS, SECONDS = 18, 1500
CELL_S = 120
"""Seconds that a cell may take (choice)."""


def make_study(path: Path) -> None:
    """Three lessons of one class, made up face by face: nobody was recorded."""
    with open_store(path) as store:
        for seed, name in enumerate(LESSONS, start=1):
            add_lesson(store, Class(PUPILS, SECONDS, seed), name)


def run(notebook: nbformat.NotebookNode, database: Path) -> None:
    """Fills the notebook's outputs from a study. CellExecutionError where a cell fails."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"CLASSROOM_FER_DB": str(database), "IPYTHONDIR": folder, "PYTHONPATH": str(ROOT)}
        with patch.dict(os.environ, own):
            where = {"metadata": {"path": folder}}
            NotebookClient(notebook, timeout=CELL_S, record_timing=False, resources=where).execute()


def fingerprint(notebook: nbformat.NotebookNode) -> str:
    """Names the cells whose output is kept."""
    return hashlib.sha256("\0".join(cell.source for cell in notebook.cells).encode()).hexdigest()


def main() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        make_study(Path(folder) / "study.sqlite")
        run(notebook, Path(folder) / "study.sqlite")
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
        "output_of_sha256": fingerprint(notebook),
    }
    nbformat.write(notebook, NOTEBOOK)


if __name__ == "__main__":
    main()
