"""Renders the templates of `training/templates` (autoescaped: names of files and classes are anybody's)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from classroom_fer.errors import ReportError
from training.files.folders import write_text

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def write_page(path: Path, text: str) -> None:
    """Writes a file of a user's choice, with its folder.

    Raises:
        ReportError: it cannot be written.
    """
    write_text(text, path, "name another place with --out", ReportError)


def render(name: str, values: dict[str, Any]) -> str:
    """The page that a template makes of ``values``."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name).render(values)
