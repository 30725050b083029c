"""How many pictures of the live camera are answered in a second, in a real browser on this machine.

    python benchmarks/live.py [--seconds 10] [--json]

Debian's Chromium (Playwright) has a fake camera: a face of about 130 px that moves, 640 x 480. The page and the program
share the cores, as at home. Models are loaded before the clock starts.

- page: pictures per second that were sent, looked at, and drawn with their boxes;
- look: milliseconds of the program for one of them (decoded, faces, points, expressions), median;
- whole: the same pictures by `observe_picture`, each looked at whole as on the page of single pictures, median;
- processor: milliseconds of processor time of the program for each picture of the page.

What counts is the ratio of `whole` to `look` within one run; the page's rate is told for scale. Exit code 1 if the page
has fewer than 10 pictures per second.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import skimage.data
import uvicorn
from playwright.sync_api import sync_playwright

from classroom_fer.settings.config import default_config
from classroom_fer.web.access import Access
from classroom_fer.web.app import build_live_app
from classroom_fer.web.faces import FaceReader, LiveView
from classroom_fer.web.server import listen, settings

LEAST_PER_S = 10.0
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
OPTIONS = ("--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
RATE = "document.getElementById('rate').textContent"


def pictures() -> list[bytes]:
    """JPEGs of a head that moves to the left and back."""
    head = cv2.resize(skimage.data.astronaut()[:320, 100:420, ::-1], (480, 480))
    found = []
    for at in (*range(0, 160, 8), *range(160, 0, -8)):
        frame = np.full((480, 640, 3), 110, np.uint8)
        frame[:, 160 - at : 640 - at] = head
        found.append(cv2.imencode(".jpg", frame)[1].tobytes())
    return found


@contextmanager
def served() -> Iterator[Access]:
    """The page of the camera alone, in a thread of this process."""
    listening = listen("127.0.0.1", 0)
    access = Access(listening.getsockname()[1])
    server = uvicorn.Server(settings(build_live_app(default_config(), access)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield access
    finally:
        server.should_exit = True
        thread.join()


def in_the_page(seconds: float) -> dict[str, float]:
    """Pictures per second, and processor time of the program for each."""
    with tempfile.TemporaryDirectory() as folder, served() as access, sync_playwright() as playwright:
        film = Path(folder) / "camera.mjpeg"
        film.write_bytes(b"".join(pictures()))
        options = [*OPTIONS, f"--use-file-for-fake-video-capture={film}"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        page = browser.new_context(permissions=["camera"]).new_page()
        page.goto(access.address)
        page.wait_for_selector("#start")
        answers: list[object] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda told: answers.append(told)))
        page.click("#start")
        while not page.evaluate(RATE):
            page.wait_for_timeout(100)
        began, first, used = time.perf_counter(), len(answers), time.process_time()
        page.wait_for_timeout(1000 * seconds)
        number, took, used = len(answers) - first, time.perf_counter() - began, time.process_time() - used
        browser.close()
    return {"page_per_s": number / took, "processor_ms": 1000 * used / max(number, 1)}


def looks(rounds: int = 3) -> dict[str, float]:
    """Median milliseconds for a picture, as a camera's next one and as a single one, in turn."""
    reader, view = FaceReader(default_config()), LiveView()
    frames = pictures()
    reader.look(frames[0], view)
    asked = {"look_ms": lambda data: reader.look(data, view), "whole_ms": lambda data: reader.read(data, "camera")}
    times: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(rounds):
        for name, ask in asked.items():
            for data in frames:
                began = time.perf_counter()
                ask(data)
                times[name].append(1000 * (time.perf_counter() - began))
    return {name: statistics.median(taken) for name, taken in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = looks()
    found |= {"ratio": found["whole_ms"] / found["look_ms"], **in_the_page(options.seconds)}
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:<13} {value:.1f}")
    sys.exit(1 if found["page_per_s"] < LEAST_PER_S else 0)


if __name__ == "__main__":
    main()
