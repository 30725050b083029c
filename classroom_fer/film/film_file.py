"""Opens a film with libav, or says in one sentence why the file is not one."""

from __future__ import annotations

import os
from pathlib import Path

import av
import av.logging
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from classroom_fer.errors import VideoError

av.logging.set_level(
    None
)  # silence without a Python callback: one deadlocks when a threaded decoder is closed (PyAV 18)

KNOWN = "mp4, mov, mkv, webm, avi or gif"
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
    (b"#extm3u", "a playlist, not a film"),
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


def open_container(path: Path) -> tuple[InputContainer, VideoStream]:
    """The open container and its picture stream; every other stream is switched off.

    Only local files are opened, whatever a playlist inside may name.

    Raises:
        VideoError: no film, or nothing in it can be shown.
    """
    try:
        container = av.open(
            f"file:{os.path.abspath(path)}",  # noqa: PTH100 - resolve() would follow links, whose name may mean something
            "r",
            metadata_errors="replace",
            container_options={"protocol_whitelist": "file"},
        )
    except (av.FFmpegError, OSError, ValueError) as error:
        raise _not_a_film(path, error) from error
    try:
        return container, _picture_stream(path, container)
    except VideoError:
        container.close()
        raise


def _picture_stream(path: Path, container: InputContainer) -> VideoStream:
    name = container.format.name
    if looks := _looks_like(path):
        raise VideoError(f"{path}: is {looks}, not a film", hint=f"give a film: {KNOWN}")
    if name.endswith("_pipe") or name in {"image2", "tty"}:
        raise VideoError(f"{path}: is a still picture or text, not a film", hint=f"give a film: {KNOWN}")
    moving = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not moving:
        what = "only sound and a cover picture" if container.streams.video else "no picture track"
        hint = "give the film itself, not its sound track" if container.streams.audio else f"give a film: {KNOWN}"
        raise VideoError(f"{path}: has {what}", hint=hint)
    stream = max(moving, key=lambda s: (bool(s.disposition & Disposition.default), s.width * s.height, -s.index))
    if stream.codec_context is None or not stream.width or not stream.height:
        raise VideoError(
            f"{path}: its picture track cannot be read", hint="convert it: ffmpeg -i IN -c:v libx264 OUT.mp4"
        )
    for other in container.streams:
        if other.index != stream.index:
            other.discard = av.stream.Discard.all
    return stream


def _not_a_film(path: Path, error: Exception) -> VideoError:
    looks = _looks_like(path)
    if looks:
        return VideoError(f"{path}: is {looks}, not a film", hint="download or copy the film itself again")
    if b"ftyp" in _head(path):
        return VideoError(
            f"{path}: the film's index is missing; the recording or copy was cut off",
            hint="copy it again, or repair it with untrunc and a whole film of the same camera",
        )
    reason = getattr(error, "strerror", None) or type(error).__name__
    return VideoError(f"{path}: is not a film that can be read ({reason})", hint=f"give a film: {KNOWN}")


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(512)


def _looks_like(path: Path) -> str | None:
    head = _head(path).removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for start, name in LOOKS:
        if head.startswith(start):
            return name
    printable = sum(32 <= byte < 127 or byte in b"\t\r\n" for byte in head)
    return "a text file" if head and printable == len(head) else None
