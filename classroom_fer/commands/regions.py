"""``classroom-fer regions``: draw and check the parts of the picture in which nobody is looked for."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from classroom_fer import wiring
from classroom_fer.commands.options import read_time
from classroom_fer.commands.region_editor import Canvas, DrawingServer
from classroom_fer.errors import VideoError
from classroom_fer.files import write_private
from classroom_fer.film.still import png_bytes
from classroom_fer.lesson.regions import Region, check_fits, read_regions, regions_text
from classroom_fer.lesson.timecode import format_time
from classroom_fer.settings.config import default_config
from classroom_fer.terminal import counted, show, user_errors

LOOK_FOR_S = 60.0
"""A picture is taken from this much film after --at (choice)."""


def draw(
    video: Annotated[Path, typer.Argument(metavar="VIDEO", help="The film.")],
    at: Annotated[
        float | None,
        typer.Option("--at", metavar="TIME", parser=read_time, help="Of this time. [default: the middle of the film]"),
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="The file of regions.")] = Path("regions.json"),
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the page's address.")] = False,
) -> None:
    """Draw opt-out regions on one picture of the film, in the browser of this machine.

    The picture is held in memory only and never saved; nothing leaves the machine. What is saved are the corners, as
    fractions of the picture: give the file to analyze --regions. Regions that the file holds already can be changed.

    Examples:

      classroom-fer regions draw lesson.mp4

      classroom-fer regions draw lesson.mp4 --at 5:00 --out front-row.json
    """
    with user_errors():
        canvas = _canvas(video, at, out)

        def save(regions: tuple[Region, ...]) -> None:
            content = regions_text(regions).encode()
            write_private(out, content, what="the regions file", remedy="make room, or name another place with --out")

        server = DrawingServer(canvas, save)
        show(f"draw here: {server.url}")
        show("save on the page to end, or press Ctrl+C to end without saving")
        if not no_browser:
            webbrowser.open(server.url)
        regions = server.wait()
        show(f"{out}: {counted(len(regions), 'region')}; classroom-fer analyze {video} --regions {out}")


def _canvas(video: Path, at: float | None, out: Path) -> Canvas:
    known = read_regions(out) if out.exists() else ()
    with wiring.open_video(video, default_config()) as source:
        info = source.info
        wanted = info.duration_s / 2 if at is None else at
        frame = next(source.sample(wanted, min(wanted + LOOK_FOR_S, info.duration_s + 1), 1.0), None)
        if frame is None:
            raise VideoError(
                f"{video}: no picture at {format_time(wanted)} (the film has {format_time(info.duration_s)})",
                hint="give another time with --at",
            )
    check_fits(known, info.width_px, info.height_px, str(out))
    film = f"{video.name} at {format_time(frame.time_s)}"
    return Canvas(png_bytes(frame.image), info.width_px, info.height_px, film, out.name, known)


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file of regions.")],
    video: Annotated[Path | None, typer.Option("--video", help="Also check against this film's picture.")] = None,
) -> None:
    """Check a file of regions; with --video also whether they fit that film's picture.

    Example:

      classroom-fer regions check regions.json --video lesson.mp4
    """
    with user_errors():
        regions = read_regions(file)
        if video is not None:
            with wiring.open_video(video, default_config()) as source:
                check_fits(regions, source.info.width_px, source.info.height_px, video.name)
        for number, region in enumerate(regions, 1):
            start = "the start" if region.start_s is None else format_time(region.start_s)
            end = "the end" if region.end_s is None else format_time(region.end_s)
            show(f"{number}: {counted(len(region.points), 'corner')}, from {start} to {end}")
        show(f"{file}: {counted(len(regions), 'region')}, no mistake")
