"""Renders the templates of `training/templates` (autoescaped: names of files and classes are anybody's)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from classroom_fer.errors import ReportError
from training.files.folders import write_text

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def write_page(path: Path, text: str) -> None:
    """Writes a file of a user's choice, with its folder.

    Raises:
        ReportError: it cannot be written.
    """
    write_text(text, path, "name another place with --out", ReportError)


def render(name: str, values: Mapping[str, Any], filters: Mapping[str, Callable[..., str]] | None = None) -> str:
    """The page that a template makes of ``values``, with ``filters`` of its own."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= filters or {}
    return environment.get_template(name).render(values)
