"""How long the browser app takes: from the command to its first page, and for the page of a long lesson.

    python benchmarks/web.py [--rounds 5] [--json]

The lesson is made up from rows: 60 minutes, 30 pupils, twelve tasks. The smallest of ROUNDS times counts.

- start: from the command's start until the list of lessons has been answered;
- answer: from the request for the lesson's page until its last byte;
- text, charts: in Debian's Chromium (Playwright), from the request until the text can be read, and until every chart
  stands, with an empty cache; again with plotly.js in the browser's cache, as for every page after the first;
- bytes: what the browser fetched for the page, as sent.

Exit code 1 if the start takes 3 s or more, the charts (empty cache) 1 s or more, or the page has 2 MB or more.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from classroom_fer.store.store import open_store

START_LIMIT_S, DRAWN_LIMIT_S, BYTES_LIMIT = 3.0, 1.0, 2_000_000
MINUTES, PUPILS, TASKS = 60, 30, 12
ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@dataclass(frozen=True)
class Served:
    """A running app and how long it took to answer first."""

    port: int
    token: str
    cookie: str
    start_s: float


def database(path: Path) -> None:
    """One lesson of an hour with thirty pupils."""
    samples = runpy.run_path(str(ROOT / "tests" / "report" / "samples.py"))
    tasks = samples["_tasks"](*((f"Part {i + 1}", MINUTES / TASKS, "desk" if i % 3 else "board") for i in range(TASKS)))
    moments = tuple(samples["Moment"](60.0 * at, -11.0, -10.0, -1.0, -5.6, PUPILS) for at in (7, 17, 28, 41, 53))
    levels = [60.0 + i for i in range(TASKS)]
    session, result = samples["lesson"]("hour.mp4", tasks, levels, pupils=PUPILS, moments=moments)
    with open_store(path) as store:
        number = store.begin_session(session.start, session.tasks).session_id
        store.write_result(number, result, [])


@contextlib.contextmanager
def served(db: Path) -> Iterator[Served]:
    """The command, until its list of lessons has been answered."""
    began = time.perf_counter()
    line = [sys.executable, "-m", "classroom_fer", "web", "--db", str(db), "--port", "0", "--no-browser"]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        told = re.search(r":(\d+)/\?token=(\S+)", process.stdout.readline())
        assert told is not None
        port, token = int(told[1]), told[2]
        cookie = get(port, f"/?token={token}", "")[1].partition(";")[0]
        get(port, "/", cookie)
        yield Served(port, token, cookie, time.perf_counter() - began)
    finally:
        process.kill()
        process.wait()


def get(port: int, address: str, cookie: str) -> tuple[bytes, str]:
    """Body and cookie of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", address, headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read(), answer.getheader("set-cookie", "")


def drawn(browser: Browser, one: Served) -> dict[str, float]:
    """Seconds until text and charts of the lesson's page stand, first with an empty cache, then with a filled one."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    root = f"http://127.0.0.1:{one.port}"
    page.goto(f"{root}/nothing?token={one.token}")  # the list of lessons would fetch plotly.js ahead
    page.wait_for_selector("main#content")
    found: dict[str, float] = {}
    for which in ("first", "again"):
        began = time.perf_counter()
        page.goto(f"{root}/lessons/1", wait_until="commit")
        page.wait_for_selector("#limits-title")
        found[f"text_{which}_s"] = time.perf_counter() - began
        page.wait_for_selector("#plot-expressions .legendtext")  # the last one
        found[f"charts_{which}_s"] = time.perf_counter() - began
        if which == "first":
            script = "performance.getEntries().reduce((sum, one) => sum + (one.transferSize ?? 0), 0)"
            found["bytes"] = page.evaluate(script)
    context.close()
    return found


def measured(rounds: int) -> dict[str, float]:
    """The smallest of each figure."""
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        db = Path(folder) / "lessons.sqlite"
        database(db)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for _ in range(rounds):
            with served(db) as one:
                get(one.port, "/lessons/1", one.cookie)
                began = time.perf_counter()
                get(one.port, "/lessons/1", one.cookie)
                answer_s = time.perf_counter() - began
                runs.append({"start_s": one.start_s, "answer_s": answer_s, **drawn(browser, one)})
        browser.close()
    return {key: min(run[key] for run in runs) for key in runs[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measured(options.rounds)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        for name, value in found.items():
            print(f"{name:<16} {value:,.0f}" if name == "bytes" else f"{name:<16} {value:.2f}")
    missed = found["start_s"] >= START_LIMIT_S or found["charts_first_s"] >= DRAWN_LIMIT_S
    sys.exit(1 if missed or found["bytes"] >= BYTES_LIMIT else 0)


if __name__ == "__main__":
    main()
