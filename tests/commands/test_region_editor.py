"""The page on which regions are drawn: on this machine only, the picture nowhere but in memory."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import stat
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import PROGRAM, chromium
from command import LESSON, command

from classroom_fer.commands.region_editor import Canvas, DrawingServer, page
from classroom_fer.errors import ReportError
from classroom_fer.lesson.regions import Region, parse_regions, read_regions

TRIANGLE = Region(((0.25, 0.5), (0.5, 0.5), (0.25, 1.0)), "fraction", 65.0, None)
CANVAS = Canvas(b"\x89PNG picture", 640, 360, "<b>film</b>.mp4 at 0:05", "</script>.json", (TRIANGLE,))
SAVED = json.dumps({"regions": [{"points": [[0, 0], [0.5, 0], [0, 0.5]], "start": "1:00", "end": None}]})


class Served:
    """A server that runs, and what it saved."""

    def __init__(self) -> None:
        self.saved: list[tuple[Region, ...]] = []
        self.server = DrawingServer(CANVAS, self._save)
        self.thread = threading.Thread(target=self._serve)

    def _save(self, regions: tuple[Region, ...]) -> None:
        if regions[0].points[1][0] == 0.75:
            raise ReportError("no room")
        self.saved.append(regions)

    def _serve(self) -> None:
        with contextlib.suppress(KeyboardInterrupt):
            self.server.wait()

    def ask(self, path: str, body: str | None = None, **headers: str) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=300)
        own = {"Host": self.server.host, "Origin": f"http://{self.server.host}"} | headers
        method = "GET" if body is None else "POST"
        connection.request(method, path, body, {name: value for name, value in own.items() if value})
        answer = connection.getresponse()
        text = answer.read().decode("latin-1")
        connection.close()
        return answer.status, text, dict(answer.getheaders())


@pytest.fixture
def served() -> Iterator[Served]:
    served = Served()
    served.thread.start()
    yield served
    served.server.shutdown()
    served.thread.join()


def test_the_page_and_the_picture_are_kept_by_no_cache_and_load_nothing_from_elsewhere(served: Served) -> None:
    for name, start in (("", "<!doctype html>"), ("frame.png", "\x89PNG")):
        status, text, headers = served.ask(f"/{served.server.token}/{name}")
        assert (status, text.startswith(start)) == (200, True)
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    html = served.ask(f"/{served.server.token}/")[1]
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in html


def test_it_listens_on_this_machine_only(served: Served) -> None:
    assert served.server.server_address[0] == "127.0.0.1"
    with socket.socket() as other, pytest.raises(OSError, match="refused"):
        other.connect(("127.0.0.2", served.server.server_port))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/", {}),
        ("/frame.png", {}),
        ("/{wrong}/frame.png", {}),
        ("/{token}/../../etc/passwd", {}),
        ("/{token}/frame.png", {"Host": "evil.example"}),
        ("/{token}/frame.png", {"Host": "127.0.0.1"}),
    ],
)
def test_who_does_not_know_the_path_gets_nothing(served: Served, path: str, headers: dict[str, str]) -> None:
    token = served.server.token
    status, text, _ = served.ask(path.format(token=token, wrong=token[:-1] + "~"), **headers)
    assert (status, text) == (404, "Not Found")


def test_another_pages_script_cannot_save(served: Served) -> None:
    for origin in ("https://evil.example", ""):
        assert served.ask(f"/{served.server.token}/save", SAVED, Origin=origin)[0] == 404
    assert served.ask(f"/{served.server.token}/save", SAVED, **{"Content-Length": "2000000"})[0] == 413
    assert served.saved == []


def test_a_mistake_is_told_on_the_page_and_drawing_goes_on(served: Served) -> None:
    status, text, _ = served.ask(f"/{served.server.token}/save", '{"regions": [{"points": [[0, 0]]}]}')
    assert (status, "3 to 500 points" in text) == (400, True)
    full = SAVED.replace("0.5, 0]", "0.75, 0]")
    assert served.ask(f"/{served.server.token}/save", full)[:2] == (400, "no room")
    assert served.ask(f"/{served.server.token}/save", SAVED)[0] == 200


def test_saving_ends_the_server(served: Served) -> None:
    status, text, _ = served.ask(f"/{served.server.token}/save", SAVED)
    assert (status, text) == (200, "Saved 1 region to </script>.json.")
    served.thread.join(10)
    assert not served.thread.is_alive()
    assert served.saved == [served.server.saved] == [parse_regions(SAVED, "t")]


def test_names_cannot_become_markup() -> None:
    html = page(CANVAS, "n0nce")
    assert "<b>film" not in html
    assert html.count("</script>") == 2
    data = html.split('nonce="n0nce">')[2].split("</script>")[0]
    assert json.loads(data) == {
        "size": [640, 360],
        "file": "</script>.json",
        "regions": [{"points": [[0.25, 0.5], [0.5, 0.5], [0.25, 1.0]], "start": "1:05", "end": ""}],
    }


@pytest.mark.skipif(PROGRAM is None, reason="no Chromium here (apt-get install chromium)")
def test_a_person_draws_a_region_and_it_is_saved_for_its_owner_alone(tmp_path: Path) -> None:
    """The real command and a real browser: three clicks, the first corner again, a start time, Save."""
    work, profile = tmp_path / "work", tmp_path / "profile"
    work.mkdir()
    line = command("regions", "draw", LESSON, "--at", "2", "--no-browser")
    process = subprocess.Popen(line, cwd=work, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip().removeprefix("draw here: ")
    with chromium(profile) as browser:
        browser.do("Page.navigate", url=url)
        browser.until("document.getElementById('frame')?.naturalWidth > 0")
        box = "document.getElementById('drawing').getBoundingClientRect()"
        left, top, width, height = (browser.value(f"{box}.{side}") for side in ("left", "top", "width", "height"))
        for x, y in ((0.25, 0.25), (0.5, 0.25), (0.25, 0.75), (0.25, 0.25)):
            browser.click(left + x * width, top + y * height)
        assert browser.value("document.querySelectorAll('polygon').length") == 1
        assert browser.value("document.getElementById('save').textContent") == "Save 1 region to regions.json"
        browser.value("document.querySelector('input').focus()")
        browser.do("Input.insertText", text="1:30")
        browser.value("document.getElementById('save').click()")
        browser.until("document.getElementById('told').textContent.startsWith('Saved 1 region')")
    told, errors = process.communicate(timeout=3000)
    assert process.returncode == 0, errors
    assert "regions.json: 1 region" in told
    (region,) = read_regions(work / "regions.json")
    assert region.start_s == 90.0
    drawn = [value for point in region.points for value in point]
    assert drawn == pytest.approx([0.25, 0.25, 0.5, 0.25, 0.25, 0.75], abs=0.002), "half a pixel of 1000"
    assert [path.name for path in work.iterdir()] == ["regions.json"], "no picture, nothing else"
    assert stat.S_IMODE((work / "regions.json").stat().st_mode) == 0o600
