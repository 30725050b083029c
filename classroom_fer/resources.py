"""Where the files that travel beside the code are (templates, migrations, results of training)."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str) -> Path:
    """The folder ``name`` inside the package (wheel) if it exists, else beside the package (checkout, editable)."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
