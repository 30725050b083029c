"""S8 by construction: one module can ask the network for something, and analysis cannot reach it.

That a run of ``analyze`` really opens no socket is tested in ``test_safeguards.py``.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "classroom_fer"
CLIENTS = {
    "socket", "ssl", "http", "urllib.request", "ftplib", "smtplib", "telnetlib", "xmlrpc", "asyncio", "requests",
    "urllib3", "httpx", "aiohttp", "socketserver", "dask", "distributed",
}  # fmt: skip
FETCHES = "pictures/fetch.py"
SERVES_THIS_COMPUTER_ONLY = "commands/region_editor.py"
"""``regions draw`` shows a page on 127.0.0.1; it asks nobody."""
SERVES_WHO_HAS_THE_TOKEN = {
    "web/analyse.py": {"http", "http.HTTPStatus"},
    "web/access.py": {"http.cookies", "http.cookies.CookieError", "http.cookies.SimpleCookie"},
    "web/app.py": {"http", "http.HTTPStatus"},
    "web/certificate.py": {"ssl"},
    "web/live.py": {"asyncio"},
    "web/guard.py": {"asyncio", "http", "http.HTTPStatus"},
    "web/server.py": {"socket"},
    "commands/web_server.py": {"socket"},
}
"""The browser app listens; that it asks nobody is tested in ``commands/test_web.py``."""
TALKS_TO_A_CLUSTER = "executors/dask_cluster.py"
"""``--executor`` names the scheduler; without it the module is not loaded."""
ASKS_ONLY_ITS_OWN_NAME = "store/engine.py"
"""A PostgreSQL URL is a connection that the user asked for; the driver opens it."""


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def places() -> dict[str, set[str]]:
    return {path.relative_to(PACKAGE).as_posix(): imported(path) for path in PACKAGE.rglob("*.py")}


def test_only_fetch_can_open_a_connection() -> None:
    for place, names in places().items():
        clients = {name for name in names if name in CLIENTS or any(name.startswith(f"{c}.") for c in CLIENTS)}
        if place == ASKS_ONLY_ITS_OWN_NAME:
            assert clients == {"socket", "socket.gethostname"}
        elif place == TALKS_TO_A_CLUSTER:
            assert clients == {"distributed"}
        elif place == SERVES_THIS_COMPUTER_ONLY:
            assert clients <= {"http", "http.HTTPStatus"} | {name for name in clients if name.startswith("http.server")}
        elif place in SERVES_WHO_HAS_THE_TOKEN:
            assert clients == SERVES_WHO_HAS_THE_TOKEN[place]
        elif place != FETCHES:
            assert not clients, f"{place} imports {clients}"
    assert "http.client" in places()[FETCHES], "the test looks at the right module"


def test_only_the_predict_command_knows_fetch() -> None:
    for place, names in places().items():
        if any(name.startswith("classroom_fer.pictures.fetch") for name in names):
            assert place == "commands/predict_pictures.py"


def test_what_analysis_loads_does_not_hold_fetch() -> None:
    code = (
        "import sys, classroom_fer.analysis, classroom_fer.pipeline, classroom_fer.commands.analyze_films\n"
        "import classroom_fer.film.video, classroom_fer.faces.mtcnn, classroom_fer.faces.expressions\n"
        "print([m for m in sys.modules if m in ('classroom_fer.pictures.fetch', 'classroom_fer.pictures.web_address',"
        " 'classroom_fer.executors.dask_cluster', 'distributed')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
