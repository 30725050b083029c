"""Names of files that are called after a film, as every file system takes them."""

from __future__ import annotations

import re
from pathlib import Path

from classroom_fer.text.graphemes import beginning

LONGEST_STEM = 100
"""Letters of a film's name that are kept (choice)."""
LONGEST_STEM_BYTES = 220
"""Bytes of them: file systems take 255, and numbers and an ending are to follow (choice)."""
_NOT_ON_WINDOWS = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def film_stem(video_name: str) -> str:
    """The film's name without its ending, as every file system takes it.

    >>> film_stem("5b 10:30.mp4"), film_stem("aux.mp4"), film_stem("...mp4")
    ('5b 10_30', 'aux_', 'film')
    """
    letters = beginning(_NOT_ON_WINDOWS.sub("_", Path(video_name).stem), LONGEST_STEM)
    while len(letters.encode()) > LONGEST_STEM_BYTES:
        letters = beginning(letters, len(letters) - 1)
    stem = letters.rstrip(" .") or "film"
    return f"{stem}_" if _DEVICES.fullmatch(stem) else stem
