"""Renders the sample lesson from two public-domain photographs: lesson.mp4, tasks.csv and lesson.truth.csv.

    python sample_videos/make_lesson.py [--out DIR] [--seconds N]

The same machine and library versions give the same bytes: nothing is random, and the encoder runs in one thread.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import cv2
import matplotlib.cbook
import numpy as np
import numpy.typing as npt
import skimage.data
from av.codec.context import Flags
from lesson_photos import COLLINS, HOPPER, cut_head
from lesson_pupils import Pupil
from lesson_room import HEIGHT, WIDTH, draw_desk, draw_room, put
from lesson_schedule import SEATS, SECONDS, TASKS, intervals, turn

FPS = 12
CRF = 28  # choice: 12 minutes in about 9 MB
KEYFRAME_S = 10
TRUTH_COLUMNS = "seat x_px y_px face_px start_s end_s present facing yaw_deg pitch_deg expression".split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder for the three files")
    parser.add_argument("--seconds", type=float, default=float(SECONDS), help="stop earlier, for a preview")
    parser.add_argument("--start", type=float, default=0.0, help="begin later, for a preview")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    write_tables(args.out)
    frames = range(round(args.start * FPS), round(min(args.start + args.seconds, SECONDS) * FPS))
    encode(args.out / "lesson.mp4", render(frames))


def write_tables(folder: Path) -> None:
    """tasks.csv and lesson.truth.csv; both describe the whole lesson, also for a preview."""
    with (folder / "tasks.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("task", "start", "end", "mode"))
        table.writerows((t.name, t.start_s, t.end_s, t.mode) for t in TASKS)
    with (folder / "lesson.truth.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(TRUTH_COLUMNS)
        for seat in SEATS:
            where = (seat.seat, seat.x_px, round(seat.y_px + 3 * seat.px_per_cm), round(13.2 * seat.px_per_cm))
            for i in intervals(seat.seat):
                yaw, pitch = ("", "") if i.facing is None else (f"{angle:g}" for angle in turn(seat, i.facing))
                state = (int(i.present), i.facing or "", yaw, pitch, i.expression or "")
                table.writerow((*where, i.start_s, i.end_s, *state))


def render(frames: range) -> Iterator[npt.NDArray[np.uint8]]:
    """RGB frames [HEIGHT, WIDTH, 3], from the back row to the front."""
    cv2.setNumThreads(1)
    photo = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    hopper = cv2.cvtColor(cv2.imread(str(photo)), cv2.COLOR_BGR2RGB)
    heads = {
        "collins": cut_head(skimage.data.astronaut(), COLLINS, hat=False),
        "hopper": cut_head(hopper, HOPPER, hat=True),
    }
    pupils = [Pupil(seat, heads[seat.person]) for seat in SEATS]
    desks = [draw_desk(seat) for seat in SEATS]
    room = draw_room()
    for index in frames:
        canvas = room.copy()
        for pupil, (desk, corner) in zip(pupils, desks, strict=True):
            pupil.draw(canvas, index / FPS)
            put(canvas, desk, corner)
        yield canvas


def encode(path: Path, frames: Iterator[npt.NDArray[np.uint8]]) -> None:
    """H.264 in MP4, the same bytes every time: one thread, no versions or dates in the file."""
    options = {"fflags": "+bitexact", "movflags": "+faststart"}
    with av.open(str(path), "w", options=options) as container:
        settings = {
            "preset": "medium",
            "crf": str(CRF),
            "threads": "1",
            "x264-params": f"threads=1:keyint={KEYFRAME_S * FPS}",
        }
        stream = container.add_stream("libx264", rate=FPS, options=settings)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.codec_context.flags |= Flags.bitexact
        stream.codec_context.thread_count = 1
        stream.time_base = Fraction(1, FPS)
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


if __name__ == "__main__":
    main()
