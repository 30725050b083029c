"""From what the user typed (files, folders, patterns) to the films of a batch."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from pathlib import Path

from classroom_fer.errors import VideoError
from classroom_fer.film.endings import VIDEO_SUFFIXES, has_film_ending, may_be_film


def find_videos(given: Sequence[str]) -> list[Path]:
    """Films in the order given; a folder stands for the films in it, a pattern for what it matches.

    A plain name is kept even if there is no such file: opening it gives the error. A film that is named twice is kept
    once.

    Raises:
        VideoError: a folder or pattern without a film.
    """
    found: list[Path] = []
    for text in given:
        path = Path(text)
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if has_film_ending(p))
            if not inside:
                raise VideoError(
                    f"{path}: no film in this folder (its sub-folders are not searched)",
                    hint=f"known endings: {' '.join(sorted(VIDEO_SUFFIXES))}; other files can be named one by one",
                )
            found += inside
        elif glob.has_magic(text) and not path.exists():
            matches = sorted(Path(p) for p in glob.glob(text, recursive=True))  # noqa: PTH207  # takes absolute patterns
            if not matches:
                raise VideoError(f"{text}: no file matches this pattern", hint="quote it, and check folder and ending")
            found += [p for p in matches if may_be_film(p)]
        else:
            found.append(path)
    if given and not found:
        raise VideoError(f"{' '.join(given)}: what matches is no film", hint="name the films, or their folder")
    first: dict[Path, Path] = {}
    for path in found:
        first.setdefault(path.resolve(), path)
    return list(first.values())
