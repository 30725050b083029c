"""Settings of the test run; text files that results are compared with (``--update-golden`` rewrites them); a user
without powers; a small study. No test may hang, or take the machine for itself."""

from __future__ import annotations

import os
import pwd
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from real_time import end_real_time
from sample_database import make_sample_database
from slow_tests import SlowTests, shown_lines

from classroom_fer.store.store import open_store

# times of single examples say nothing under load; in CI the same examples run every time, so that a red run is the
# change's own fault, while developers' machines go on looking for new ones
settings.register_profile("shared machine", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("shared machine")
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # also for tests that load ONNX Runtime by themselves

GOLDEN = Path(__file__).with_name("golden")
SLOW_LIMIT_S = 1800
"""Of a test that is marked as slow: the longest, with an analysis of the whole sample lesson, takes under a minute."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden from what the code gives now")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(SlowTests(shown_lines(config)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests may take longer than pyproject.toml says, on machines that are slow themselves.

    Their files come first, so that no process is left with one while the others have nothing to do.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    for item in slow:
        item.add_marker(pytest.mark.timeout(SLOW_LIMIT_S))
    paths = {item.path for item in slow}
    items.sort(key=lambda item: item.path not in paths)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """No test leaves a process behind that the system puts before all others (see ``real_time``)."""
    yield
    threads = end_real_time()
    assert not threads, f"{item.nodeid} left {len(threads)} threads under real-time scheduling"


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)`` fails unless ``text`` is what ``tests/golden/name`` holds."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no {path.name} yet: run pytest --update-golden and read the diff"
        assert text == path.read_text(encoding="utf-8"), (
            f"{path.name} changed: run pytest --update-golden, read the diff"
        )

    return compare


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of today's version without a session, to be copied: making one takes most of a second."""
    path = tmp_path_factory.mktemp("empty") / "empty.sqlite"
    open_store(path).close()
    return path


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of ``sample_database``; tests read it and change nothing."""
    return make_sample_database(tmp_path_factory.mktemp("study") / "study.sqlite")


@pytest.fixture
def powerless() -> Iterator[None]:
    """File permissions count: root, who may do everything, becomes nobody for a while."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        if not os.access(__file__, os.R_OK, effective_ids=True):
            pytest.skip("nobody may not read this checkout (it lies in root's own folder)")
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder whose parents everybody may enter (tmp_path is for its owner only)."""
    with tempfile.TemporaryDirectory(prefix="fer-store-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
