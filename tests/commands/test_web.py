"""``classroom-fer web`` as a process: it serves who has the token, asks nobody, and says what is wrong."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import ROOT
from in_process import invoke
from still_pictures import collins, encoded
from web.certificates import OPENSSL, made
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

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
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.request("GET", address, headers={"Cookie": cookie} if cookie else {})
        return connection.getresponse()

    def written(self) -> set[str]:
        """Names of the files that were opened to be written."""
        lines = (self.folder / "said").read_text().splitlines()
        return {Path(line.removeprefix("WRITES ")).name for line in lines if line.startswith("WRITES")}


@contextmanager
def watched(folder: Path, *arguments: object) -> Iterator[Running]:
    """A command that serves, in an empty folder."""
    (folder / "watch").mkdir()
    (folder / "watch" / "sitecustomize.py").write_text(WATCHED)
    env = os.environ | {"PYTHONPATH": f"{folder / 'watch'}{os.pathsep}{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, "-m", "classroom_fer", *map(str, arguments), "--port", "0", "--no-browser"]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(line, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=said, text=True)
    try:
        assert process.stdout is not None
        told = re.fullmatch(r"open: https?://127\.0\.0\.1:(\d+)/\?token=(\S+)\n", process.stdout.readline())
        assert told, (folder / "said").read_text()
        yield Running(process, folder, int(told[1]), told[2])
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("web")
    open_store(folder / "lessons.sqlite").close()
    with watched(folder, "web", "--db", "lessons.sqlite") as one:
        yield one


def test_the_page_is_served_to_who_has_the_token_nothing_is_asked_of_others_and_ctrl_c_ends_it(
    running: Running,
) -> None:
    assert running.get("/").status == 401
    cookie = running.get(f"/?token={running.token}").getheader("set-cookie", "").partition(";")[0]
    page = running.get("/", cookie)
    assert page.status == 200
    assert b"No lesson has been analysed yet" in page.read()
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=300) == 0
    said = (running.folder / "said").read_text()
    assert "SOCKET" not in said
    assert {name for name in running.written() if not name.startswith("lessons.sqlite")} <= {"null"}
    assert "press Ctrl+C to end" in said


@pytest.mark.skipif(OPENSSL is None, reason="no openssl on this machine")
def test_the_live_camera_answers_over_tls_and_keeps_nothing_of_what_it_saw(tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    certificate, key = made(tmp_path / "tls", "desk")
    with watched(tmp_path, "live", "--certificate", certificate, "--key", key) as one:
        trusting = ssl.create_default_context(cafile=str(certificate))
        trusting.check_hostname = False
        visit = http.client.HTTPSConnection("127.0.0.1", one.port, timeout=300, context=trusting)
        visit.request("GET", f"/?token={one.token}")
        kept = visit.getresponse().getheader("set-cookie", "")
        assert "Secure" in kept, "a cookie of an encrypted page"
        with connect(
            f"wss://127.0.0.1:{one.port}/live/frames", ssl=trusting, origin=f"https://127.0.0.1:{one.port}",
            additional_headers={"Cookie": kept.partition(";")[0]}, open_timeout=300,
        ) as socket:  # fmt: skip
            for number in (1, 2):
                socket.send(encoded(collins(), "JPEG"))
                told = json.loads(socket.recv(timeout=300))
                assert (told["frame"], len(told["faces"])) == (number, 1)
            assert told["faces"][0]["group"] == "smiling"
            with pytest.raises(ConnectionClosed) as closed:
                socket.send(b"x" * 1_000_001)
                socket.recv(timeout=300)
            assert closed.value.rcvd.code == 1009
        one.process.send_signal(signal.SIGINT)
        assert one.process.wait(timeout=300) == 0
    assert "SOCKET" not in (tmp_path / "said").read_text()
    assert one.written() <= {"null"}
    assert {path.name for path in tmp_path.iterdir()} == {"watch", "said", "tls"}


@pytest.mark.parametrize(("options", "code", "said"), [
    (("--certificate", "desk.pem"), 2, "--key is missing"),
    (("--certificate", "no.pem", "--key", "no.key"), 1, "--certificate no.pem: No such file"),
])  # fmt: skip
def test_a_certificate_that_cannot_be_used_is_an_error_in_two_lines(
    tmp_path: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    for command in ("web", "live"):
        done = invoke(tmp_path, command, *options, "--port", "0", "--no-browser")
        assert done.exit_code == code
        assert done.stderr.count("\n") == 2
        assert said in done.stderr


def test_live_is_refused_where_the_declaration_forbids_inference(tmp_path: Path) -> None:
    (tmp_path / "classroom-fer.toml").write_text('[policy]\njurisdiction = "DE"\nsetting = "education"\n')
    done = invoke(tmp_path, "live", "--port", "0", "--no-browser")
    assert done.exit_code == 4
    assert "prohibits" in done.stderr


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
