"""The pages in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import io
import os
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
import uvicorn
from command import LESSON
from media import constant, write_film
from PIL import Image
from still_pictures import collins, encoded, group
from web.lessons import UNFINISHED, with_film

from classroom_fer.settings.config import default_config
from classroom_fer.store.run_files import run_folder
from classroom_fer.store.store import open_store
from classroom_fer.web.access import Access
from classroom_fer.web.app import Shown, build_app
from classroom_fer.web.films import Films
from classroom_fer.web.server import listen, settings
from classroom_fer.web.typed_tasks import TYPED

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (make setup)")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine (apt-get install chromium)"),
]
PATIENCE_MS = 300_000
"""A busy machine may take long; a broken page is found out by a failing answer, not by this."""
FAKE_CAMERA = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


@dataclass
class Browsing:
    """Pages of one running app, and whatever they asked for or complained of."""

    browser: Any
    access: Access
    numbers: dict[str, int]
    db: Path
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str, **look: Any) -> Any:
        """A page in a context of its own, after the first visit with the token."""
        page = self.browser.new_context(viewport={"width": 1100, "height": 800}, **look).new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.access.address)
        page.wait_for_selector("main#content")
        page.goto(f"http://127.0.0.1:{self.access.port}{address}")
        return page

    def lesson(self, name: str) -> str:
        return f"/lessons/{self.numbers[name]}"


def filmed(folder: Path) -> Path:
    """What the camera sees: a face of about 130 px that moves to the left and back, 640 x 480."""
    head = cv2.resize(collins()[:320, 100:420], (480, 480))
    path = folder / "camera.mjpeg"
    with path.open("wb") as film:
        for at in (*range(0, 160, 8), *range(160, 0, -8)):
            frame = np.full((480, 640, 3), 110, np.uint8)
            frame[:, 160 - at : 640 - at] = head
            film.write(encoded(frame, "JPEG"))
    return path


@pytest.fixture(scope="module")
def browsing(
    sample_database: tuple[Path, dict[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browsing]:
    path = Path(shutil.copy(sample_database[0], tmp_path_factory.mktemp("browser")))
    numbers = dict(sample_database[1])
    for name, regions in (("film", 0), ("film with a region", 1)):
        numbers[name] = with_film(path, LESSON, (1280, 720), regions=regions)
    listening: socket.socket = listen("127.0.0.1", 0)
    access = Access(listening.getsockname()[1])
    app = build_app(Shown(str(path), default_config(), Films((LESSON.parent,))), access)
    server = uvicorn.Server(settings(app))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        with sync_api.sync_playwright() as playwright:
            camera = f"--use-file-for-fake-video-capture={filmed(tmp_path_factory.mktemp('camera'))}"
            options = ["--no-sandbox", *FAKE_CAMERA, camera]
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options, timeout=PATIENCE_MS)
            yield Browsing(browser, access, numbers, path)
            browser.close()
    finally:
        server.should_exit = True
        thread.join()


def until(page: Any, script: str) -> None:
    """Playwright's own waiting for a script would need ``unsafe-eval``."""
    end = time.monotonic() + PATIENCE_MS / 1000
    while not page.evaluate(script):
        assert time.monotonic() < end, f"never: {script}"
        page.wait_for_timeout(50)


def overflow(page: Any) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def test_charts_are_drawn_enlarged_and_redrawn_in_the_dark(browsing: Browsing) -> None:
    page = browsing.open(browsing.lesson("clear_effect"))
    page.wait_for_selector("#plot-expressions .main-svg")
    assert page.locator("#plot-timeline .scatterlayer .trace").count() >= 4
    chart = page.locator("#plot-timeline .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 60, steps=4)
    page.mouse.up()
    shown = "document.getElementById('plot-timeline').layout.xaxis.range.map((end) => new Date(end + 'Z').getTime())"
    until(page, f"(([a, b]) => b - a < 2000000)({shown})")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.evaluate("document.cookie") == "theme=dark", "and the token is not a script's to read"
    page.reload()
    assert page.get_attribute("html", "data-theme") == "dark"


def test_arabic_runs_from_right_to_left_and_is_chosen_with_the_keyboard(browsing: Browsing) -> None:
    page = browsing.open("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator(".tools details.menu summary").focus()
    page.keyboard.press("Enter")
    page.locator("details.menu a[lang=ar]").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("html[dir=rtl][lang=ar]")
    page.goto(f"http://127.0.0.1:{browsing.access.port}{browsing.lesson('clear_effect')}")
    page.wait_for_selector("#plot-timeline .main-svg")
    assert page.evaluate("(([a, b]) => a > b)(document.getElementById('plot-timeline').layout.xaxis.range)")
    assert overflow(page) <= 0


def test_a_phone_shows_everything_without_scrolling_sideways(browsing: Browsing) -> None:
    page = browsing.open(browsing.lesson("hostile_names"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector("#plot-expressions .main-svg")
    assert overflow(page) <= 0
    for address in ("/", "/training"):
        page.goto(f"http://127.0.0.1:{browsing.access.port}{address}")
        assert overflow(page) <= 0
    wide = "[...document.querySelectorAll('.scroll')].filter((one) => one.scrollWidth > one.clientWidth)"
    assert set(page.evaluate(f"{wide}.map((one) => one.tabIndex)")) == {0}, "the keyboard scrolls them"


def test_every_control_shows_its_focus(browsing: Browsing) -> None:
    page = browsing.open(browsing.lesson("clear_effect"))
    page.wait_for_selector("#plot-expressions .main-svg")
    reached = []
    while "BODY" not in reached:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.tagName"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert reached[-1] == "BODY" or outline != "none", page.evaluate("document.activeElement.outerHTML")[:200]
    assert len(reached) > 6


@pytest.mark.parametrize(("name", "scheme"), [
    ("/", "light"), ("/picture", "dark"), ("/live", "dark"), ("film", "light"), ("clear_effect", "dark"),
    (UNFINISHED, "light"), ("/training", "light"), ("/analyse", "light"), ("/analyse/film?film=0/lesson.mp4", "dark"),
])  # fmt: skip
def test_axe_finds_nothing_serious(browsing: Browsing, name: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed (make setup)")
    page = browsing.open(name if name.startswith("/") else browsing.lesson(name), color_scheme=scheme)
    page.wait_for_load_state()
    if page.locator(".plot").count():
        page.wait_for_selector(".plot >> nth=-1 >> .main-svg >> nth=0")
    page.evaluate((Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ exclude: ['.plot svg'] }).then((told) => told.violations)")  # drawings, slow
    listed = [(one["id"], one["nodes"][0]["html"][:150]) for one in found if one["impact"] in ("serious", "critical")]
    assert listed == []


def test_a_click_on_a_moment_or_on_the_timeline_seeks_the_film(browsing: Browsing) -> None:
    page = browsing.open(browsing.lesson("film"))
    page.wait_for_selector("#plot-expressions .legendtext")
    until(page, "document.getElementById('film').readyState > 0")
    page.focus("[data-seek]")
    page.evaluate("document.querySelector('[data-seek]').dataset.seek = 125")  # the moments lie after the film's end
    page.keyboard.press("Enter")
    until(page, "document.getElementById('film').currentTime === 125")
    chart = page.locator("#plot-timeline .nsewdrag").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.1, box["y"] + box["height"] / 2)
    page.wait_for_selector("#plot-timeline .hoverlayer .legend")
    page.mouse.down()
    page.mouse.up()
    until(page, "Math.abs(document.getElementById('film').currentTime - 270) < 10")
    assert page.inner_text("#now").startswith("4:")
    assert page.locator(".film .broken").is_hidden()


def test_an_opt_out_region_is_black_in_the_film_and_the_controls_are_beside_it(browsing: Browsing) -> None:
    page = browsing.open(browsing.lesson("film with a region"))
    until(page, "document.getElementById('film').readyState > 1")
    screen = page.locator(".screen")
    picture = np.asarray(Image.open(io.BytesIO(screen.screenshot())).convert("L"))
    height, width = picture.shape
    assert picture[int(0.55 * height) : int(0.95 * height), int(0.05 * width) : int(0.25 * width)].max() == 0
    assert picture[: int(0.45 * height)].std() > 20, "the film itself is seen"
    assert page.get_attribute("#film", "controls") is None
    play, box = page.locator("#play").bounding_box(), screen.bounding_box()
    assert play["y"] >= box["y"] + box["height"]


def test_a_picture_is_boxed_and_explained_in_the_page(browsing: Browsing) -> None:
    page = browsing.open("/picture")
    page.set_input_files("#file", {"name": "group.jpg", "mimeType": "image/jpeg", "buffer": encoded(group(), "JPEG")})
    page.wait_for_selector(".seen img[src^='blob:']")
    until(page, "document.querySelector('.seen img').naturalWidth === 1400")
    assert page.locator(".box").count() == page.locator(".cards section").count() == 5
    assert page.locator(".cards section").first.inner_text().split("\n")[:2] == ["Face 1", "happiness"]
    assert "No class: too small" in page.inner_text(".cards")
    assert page.locator(".cards .bars tr").count() % 8 == 0
    box, seen = page.locator(".box").first.bounding_box(), page.locator(".seen").bounding_box()
    share = (box["x"] + box["width"] / 2 - seen["x"]) / seen["width"]
    assert pytest.approx(share, abs=0.03) == 220 / 1400, "the box lies over the first face"
    nobody = np.full((300, 500, 3), 120, np.uint8)
    page.set_input_files("#file", {"name": "wall.png", "mimeType": "image/png", "buffer": encoded(nobody, "PNG")})
    page.wait_for_selector("text=No face was found")
    assert page.locator(".box").count() == 0


def test_a_picture_is_taken_with_the_camera_which_is_then_off(browsing: Browsing) -> None:
    page = browsing.open("/picture", permissions=["camera"])
    page.click("#camera")
    until(page, "document.getElementById('preview').videoWidth > 0")
    page.click("#take")
    page.wait_for_selector("#answer h2")
    assert page.evaluate("document.getElementById('preview').srcObject") is None
    assert page.locator("#live").is_hidden()


def test_a_refused_camera_says_what_to_do(browsing: Browsing) -> None:
    page = browsing.open("/picture")
    page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error('refused')) }")
    page.click("#camera")
    page.wait_for_selector("text=Allow it in the browser, or choose a file")


FPS = "document.getElementById('rate').textContent.match(/\\d+/)"
SHOWN = "document.querySelectorAll('#boxes .box').length"


def test_the_camera_is_answered_drawn_and_stopped(browsing: Browsing) -> None:
    page = browsing.open("/live", permissions=["camera"])
    opened: list[Any] = []
    page.on("websocket", lambda socket: opened.append(socket))
    assert page.locator("#stop").is_hidden()
    page.focus("#start")
    page.keyboard.press("Enter")
    until(page, f"{SHOWN} === 1")
    assert page.evaluate("document.activeElement.id") == "stop"
    until(page, f"{FPS} && Number({FPS}[0]) >= 2")  # benchmarks/web.py measures it
    until(page, "document.querySelector('.box b').textContent === 'smiling · towards the camera'")
    height = "document.querySelector('{}').getBoundingClientRect().height"  # boxes are drawn anew all the time
    assert 0.15 < page.evaluate(f"{height.format('.box')} / {height.format('#seen')}") < 0.5
    picture = np.asarray(Image.open(io.BytesIO(page.locator("#seen").screenshot())).convert("L"))
    assert picture.std() > 20, "the picture itself is seen"
    until(page, "document.getElementById('seen').getAttribute('aria-label').startsWith('1 face; smiling, towards')")
    page.keyboard.press("Enter")
    until(page, "document.getElementById('video').srcObject === null")
    assert page.evaluate(SHOWN) == 0
    assert page.evaluate("document.activeElement.id") == "start"
    assert page.locator("#off").is_visible()
    until_closed(opened[0])
    page.keyboard.press("Enter")
    until(page, f"{SHOWN} === 1")
    page.close()  # a tab that is closed frees its place
    assert len(opened) == 2


def until_closed(socket: Any) -> None:
    end = time.monotonic() + PATIENCE_MS / 1000
    while not socket.is_closed():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_two_tabs_share_the_program(browsing: Browsing) -> None:
    pages = [browsing.open("/live", permissions=["camera"]) for _ in range(2)]
    for page in pages:
        page.click("#start")
    for page in pages:
        page.bring_to_front()
        until(page, f"{SHOWN} === 1")


NOT_GIVEN = {
    "NotAllowedError": "Allow it beside the address", "NotFoundError": "No camera was found",
    "NotReadableError": "Another program uses the camera",
}  # fmt: skip


def test_a_live_camera_that_is_not_given_says_why(browsing: Browsing) -> None:
    page = browsing.open("/live")
    for error, said in NOT_GIVEN.items():
        page.evaluate(
            "(name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', name)) }",
            error,
        )
        page.click("#start")
        page.wait_for_selector(f"text={said}")
        assert page.locator("#start").is_visible()
    page.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    page.click("#start")
    page.wait_for_selector("text=--certificate and --key")  # a page that is not secure


def typed_and_drawn(page: Any) -> None:
    """One task by the film's own clock, and one opt-out region."""
    page.select_option("#source", TYPED)
    page.fill("[data-part=task]", "Talk")
    until(page, "document.getElementById('film').readyState > 0")
    page.evaluate("document.getElementById('film').currentTime = 1.2")
    page.click("[data-now=start]")
    assert page.input_value("[data-part=start]") == "0:01.2"
    page.fill("[data-part=end]", "9:00")
    page.wait_for_selector("text=9:00 is past the end of the film (0:04)")
    page.fill("[data-part=end]", "0:04")
    page.wait_for_selector("text=No mistake")
    page.click("#draw")
    box = page.locator("#drawing").bounding_box()
    for x, y in ((0.1, 0.6), (0.3, 0.6), (0.3, 0.9), (0.1, 0.6)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.wait_for_selector("text=Regions: 1")


def test_a_film_is_dropped_and_analysed_through_a_kill_and_a_cancel(browsing: Browsing, tmp_path: Path) -> None:
    write_film(tmp_path / "short.mp4", constant(20, 4.0))
    page = browsing.open("/analyse")
    page.set_input_files("#file", tmp_path / "short.mp4")
    page.wait_for_url("**/analyse/film?film=dropped/**")
    typed_and_drawn(page)
    page.check("[value=presence]")
    page.click(".go button")
    page.wait_for_url("**/analyse")
    page.click("[data-act$=pause]")
    page.wait_for_selector(".run .state.paused")
    with open_store(browsing.db) as store:
        (run,) = store.runs.all()
        assert run.process is not None
        os.kill(run.process.pid, signal.SIGKILL)
        page.wait_for_selector("text=was killed, or the machine was switched off")
        page.click("[data-act$=go-on]")
        page.click("[data-act$=cancel]")
        page.wait_for_selector(".run .state.cancelled")
        page.click("[data-act$=go-on]")
        page.wait_for_selector("text=Open the lesson")
        session = store.sessions()[-1]
        assert (session.start.video_name, session.start.regions, session.start.profile) == ("short.mp4", 1, "presence")
        assert [(task.name, task.start_s, task.end_s) for task in session.tasks] == [("Talk", 1.2, 4.0)]
        assert list(run_folder(store.place).iterdir()) == [], "the film is gone with what was typed"
    page.click("text=Open the lesson")
    page.wait_for_selector("h1:has-text('short')")


def test_the_pdf_can_be_downloaded(browsing: Browsing) -> None:
    page = browsing.open(browsing.lesson("clear_effect"))
    with page.expect_download() as waiting:
        page.click("a[download]")
    assert waiting.value.suggested_filename == "fractions-5b.pdf"
    assert Path(waiting.value.path()).read_bytes().startswith(b"%PDF-1.7")


def test_nothing_was_asked_of_another_machine_and_nothing_was_complained_of(browsing: Browsing) -> None:
    """Runs last: of all pages of the tests above. The content security policy would complain here too."""
    assert {urlsplit(url).hostname for url in browsing.asked if not url.startswith(("data:", "blob:"))} == {"127.0.0.1"}
    assert [told for told in browsing.complaints if "status of 422" not in told] == []
    assert len(browsing.asked) > 30
