"""``classroom-fer web`` as a process: it serves who has the token, asks nobody, and says what is wrong."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import ROOT
from in_process import invoke

from classroom_fer.store.store import open_store

WATCHED = """
import os, sys
def audit(event, args):
    if event in ('socket.connect', 'socket.sendto', 'socket.getaddrinfo') and not str(args).count('127.0.0.1'):
        sys.stderr.write('SOCKET ' + event + repr(args) + chr(10))
    if event == 'open' and isinstance(args[0], str) and args[2] & (os.O_WRONLY | os.O_RDWR):
        sys.stderr.write('WRITES ' + args[0] + chr(10))
sys.addaudithook(audit)
"""
"""Runs before the command: says what is asked of other machines, and which files are written."""


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[str]
    folder: Path
    port: int
    token: str

    def get(self, address: str, cookie: str = "") -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", address, headers={"Cookie": cookie} if cookie else {})
        return connection.getresponse()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("web")
    open_store(folder / "lessons.sqlite").close()
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCHED)
    env = os.environ | {"PYTHONPATH": f"{folder / 'watch'}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, "-m", "classroom_fer", "web", "--db", "lessons.sqlite", "--port", "0", "--no-browser"]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(line, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=said, text=True)
    assert process.stdout is not None
    told = re.fullmatch(r"open: http://127\.0\.0\.1:(\d+)/\?token=(\S+)\n", process.stdout.readline())
    assert told, (folder / "said").read_text()
    yield Running(process, folder, int(told[1]), told[2])
    process.kill()
    process.wait()


def test_the_page_is_served_to_who_has_the_token_nothing_is_asked_of_others_and_ctrl_c_ends_it(
    running: Running,
) -> None:
    assert running.get("/").status == 401
    cookie = running.get(f"/?token={running.token}").getheader("set-cookie", "").partition(";")[0]
    page = running.get("/", cookie)
    assert page.status == 200
    assert b"No lesson has been analysed yet" in page.read()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=60) == 0
    said = (running.folder / "said").read_text()
    assert "SOCKET" not in said
    written = {Path(line.removeprefix("WRITES ")).name for line in said.splitlines() if line.startswith("WRITES")}
    assert {name for name in written if not name.startswith("lessons.sqlite")} <= {"null"}
    assert "press Ctrl+C to end" in said


def test_a_weak_token_and_a_taken_port_are_errors_in_two_lines(tmp_path: Path, running: Running) -> None:
    weak = invoke(tmp_path, "web", "--token", "1234", "--port", "0", "--no-browser")
    assert weak.exit_code == 2
    assert "needs 16 or more" in weak.stderr
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = invoke(tmp_path, "web", "--port", taken.getsockname()[1], "--no-browser")
    assert busy.exit_code == 1
    assert busy.stderr.count("\n") == 2
    assert "is in use by another program" in busy.stderr


def test_without_the_extra_one_error_says_how_to_install_it(tmp_path: Path) -> None:
    """As after ``pip install classroom-fer``: Starlette cannot be found."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['starlette'] = None\n")
    env = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    line = [sys.executable, "-m", "classroom_fer", "web", "--no-browser"]
    done = subprocess.run(line, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[1] == "hint: pip install 'classroom-fer[web]'"
    assert len(done.stderr.splitlines()) == 2
