"""Where ``predict --annotate`` writes: never over a picture that it reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from classroom_fer.errors import ConfigError
from classroom_fer.pictures.web_address import is_web_address

ENDING = ".png"
LONGEST_NAME = 80
"""Characters of a picture's name that its copy keeps (choice)."""


def outputs_for(pictures: Sequence[str], out: Path | None) -> dict[str, Path]:
    """The copy's path for each picture: ``out`` itself if it ends in .png, else NAME.faces.png in the folder ``out``.

    Raises:
        ConfigError: one .png for several pictures, another ending, or a path that is one of the pictures.
    """
    if out is None:
        return {}
    distinct = list(dict.fromkeys(pictures))
    if out.suffix.lower() == ENDING and not out.is_dir():
        if len(distinct) > 1:
            raise ConfigError(f"--annotate {out}: one file cannot show {len(distinct)} pictures", hint="name a folder")
        paths = {distinct[0]: out}
    elif out.suffix and not out.is_dir():
        raise ConfigError(
            f"--annotate {out}: copies are written as PNG", hint=f"name a file ending in {ENDING}, or a folder"
        )
    else:
        paths = _in_folder(distinct, out)
    for path in paths.values():
        for name in distinct:
            if not is_web_address(name) and _same_file(path, Path(name)):
                raise ConfigError(f"--annotate {out}: would write over the picture {name}", hint="choose another name")
    return paths


def _in_folder(names: Sequence[str], folder: Path) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    taken: set[str] = set()
    for name in names:
        stem = _stem(name)
        free, number = stem, 2
        while free.casefold() in taken:
            free, number = f"{stem}-{number}", number + 1
        taken.add(free.casefold())
        paths[name] = folder / f"{free}.faces{ENDING}"
    return paths


def _stem(name: str) -> str:
    """A file name from a path or an address, without anything that could lead elsewhere."""
    last = unquote(urlsplit(name).path) if is_web_address(name) else name
    kept = "".join(c if c.isalnum() or c in "-_. " else "_" for c in Path(last).stem)
    return kept.strip(" .")[:LONGEST_NAME] or "picture"


def _same_file(a: Path, b: Path) -> bool:
    try:
        return a.resolve() == b.resolve() or (a.exists() and b.exists() and a.samefile(b))
    except OSError:
        return False
