"""The file of a film before anything opens it: is it there, and does it look like something else?"""

from __future__ import annotations

from pathlib import Path

from classroom_fer.errors import VideoError

KNOWN = "mp4, mov, mkv, webm, avi or gif"
CUT_OFF = "the recording or copy was cut off"
COPY_AGAIN = "copy it again"
LOOKS: tuple[tuple[bytes, str], ...] = (
    (b"<!doctype html", "a web page (HTML)"),
    (b"<html", "a web page (HTML)"),
    (b"<?xml", "an XML file"),
    (b"%pdf", "a PDF"),
    (b"pk\x03\x04", "a ZIP archive or an Office document"),
    (b"\x89png", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"sqlite format 3", "an SQLite database"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    (b"#extm3u", "a playlist"),
)  # first bytes, lower case


def check_file(path: Path) -> None:
    """Raises VideoError unless ``path`` is a readable file with something in it."""
    try:
        if path.is_dir():
            raise VideoError(f"{path}: is a folder, not a film", hint="name a film in it")
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        raise VideoError(f"{path}: no such file", hint="check the path") from error
    except PermissionError as error:
        raise VideoError(f"{path}: you may not read this file", hint="ask its owner, or chmod u+r") from error
    except (OSError, ValueError) as error:
        raise VideoError(f"{path}: cannot be read ({error})", hint="copy it to a local disk and try again") from error
    if empty:
        raise VideoError(f"{path}: is empty (0 bytes)", hint="copy the film again; the first copy did not finish")


def not_a_film(path: Path, error: Exception) -> VideoError:
    """Why libav cannot open the file, and what to do."""
    looks = looks_like(path)
    if looks:
        return VideoError(f"{path}: is {looks}, not a film", hint="download or copy the film itself again")
    if b"ftyp" in _head(path):
        return VideoError(
            f"{path}: the film's index is missing; {CUT_OFF}",
            hint=f"{COPY_AGAIN}, or repair it with untrunc and a whole film of the same camera",
        )
    reason = getattr(error, "strerror", None) or type(error).__name__
    return VideoError(f"{path}: is not a film that can be read ({reason})", hint=f"give a film: {KNOWN}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def looks_like(path: Path) -> str | None:
    """What else than a film its first bytes are; None if they could be a film's."""
    head = _head(path).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, name in LOOKS:
        if head.startswith(start):
            return name
    readable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    return "a text file" if head and readable == len(head) else None
