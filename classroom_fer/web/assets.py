"""The files that pages load: our own from the package, plotly.js from its own. Nothing comes from anywhere else."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from classroom_fer.resources import resource_dir

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
PLOTLY = "plotly.min.js"
FOREVER = "public, max-age=31536000, immutable"
"""An address names one content (its hash), so a browser may keep it."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file."""

    content: bytes
    packed: bytes
    """Compressed with gzip."""
    media_type: str


def folder() -> Path:
    """Where the templates of the app are, its own files in ``static``."""
    return resource_dir("templates") / "web"


def names() -> tuple[str, ...]:
    """Every file that a page may load."""
    own = (path.name for path in (folder() / "static").iterdir() if path.suffix in TYPES)
    return (*sorted(own), PLOTLY)


@cache
def asset(name: str) -> Asset:
    """The file of a name from ``names``. KeyError for any other."""
    if name not in names():
        raise KeyError(name)
    content = _path(name).read_bytes()
    return Asset(content, gzip.compress(content, 6, mtime=0), TYPES[Path(name).suffix])


@cache
def address(name: str) -> str:
    """Where pages load a file from."""
    return f"/static/{hashlib.sha256(_path(name).read_bytes()).hexdigest()[:12]}/{name}"


def _path(name: str) -> Path:
    if name == PLOTLY:
        spec = importlib.util.find_spec("plotly")  # its modules are not needed
        if spec is None or spec.origin is None:
            raise ModuleNotFoundError("plotly", name="plotly")
        return Path(spec.origin).parent / "package_data" / PLOTLY
    return folder() / "static" / name
